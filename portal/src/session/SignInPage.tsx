import { Loader, Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Navigate } from "react-router";
import { useSignIn } from "../api/queries";
import { ProblemNote } from "../show/ProblemNote";
import { CodeForm, Door } from "./Door";

/** Where a sign-in link leads: /sign-in#<code>. The code leaves the address bar and the history before anything else happens. */
export function SignInPage() {
  const signIn = useSignIn();
  const { mutate } = signIn;
  const used = useRef(false);

  useEffect(() => {
    // A code works once, and React runs effects twice while developing.
    if (used.current) {
      return;
    }
    used.current = true;
    const code = decodeURIComponent(window.location.hash.slice(1));
    window.history.replaceState(window.history.state, "", "/sign-in");
    if (code) {
      mutate(code);
    }
  }, [mutate]);

  if (signIn.isSuccess) {
    return <Navigate to="/" replace />;
  }
  if (signIn.isPending) {
    return (
      <Door>
        <Stack align="center" gap="sm" py="md">
          <Loader />
          <Text>Signing in…</Text>
        </Stack>
      </Door>
    );
  }
  return (
    <Door>
      <Title order={1}>Sign in</Title>
      {signIn.isError && <ProblemNote error={signIn.error} />}
      <CodeForm onCode={mutate} />
    </Door>
  );
}

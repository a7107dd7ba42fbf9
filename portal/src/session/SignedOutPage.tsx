import { Text, Title } from "@mantine/core";
import { useSignIn } from "../api/queries";
import { ProblemNote } from "../show/ProblemNote";
import { CodeForm, Door } from "./Door";

export function SignedOutPage() {
  const signIn = useSignIn();
  return (
    <Door>
      <Title order={1}>Sign in</Title>
      <Text c="dimmed">Security, monitoring, management and backup extensions for every virtual machine you run.</Text>
      {signIn.isError && <ProblemNote error={signIn.error} />}
      <CodeForm onCode={signIn.mutate} busy={signIn.isPending} />
    </Door>
  );
}

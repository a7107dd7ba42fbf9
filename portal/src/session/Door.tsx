import { Button, Code, Container, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Logo } from "../shell/Logo";
import { signInCode } from "../show/format";

/** What somebody sees who is not signed in. */
export function Door({ children }: { children: ReactNode }) {
  return (
    <Container size={460} py={{ base: 40, sm: 96 }} component="main">
      <div className="panel" style={{ padding: "28px 28px 32px" }}>
        <Stack gap="md">
          <Logo size={30} />
          {children}
        </Stack>
      </div>
    </Container>
  );
}

interface CodeFormProps {
  onCode: (code: string) => void;
  busy?: boolean;
}

export function CodeForm({ onCode, busy = false }: CodeFormProps) {
  const [text, setText] = useState("");
  const code = signInCode(text);
  return (
    <Stack gap="md">
      <div>
        <Text size="sm" mb={6}>
          Where the control plane runs, ask for a link that signs you in once:
        </Text>
        <Code block>vmext portal</Code>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (code) {
            onCode(code);
          }
        }}
      >
        <TextInput
          label="Or paste the link here"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Button type="submit" mt="sm" fullWidth disabled={!code} loading={busy}>
          Sign in
        </Button>
      </form>
    </Stack>
  );
}

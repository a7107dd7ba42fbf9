import { Button, Group, Stack, Text, Textarea, TextInput, Title, UnstyledButton } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { problemOf } from "../api/client";
import { useCancelCommand, useCommands, useMay, useRunCommand } from "../api/queries";
import type { CommandView, MachineView } from "../api/types";
import { Chip } from "../show/Chip";
import { capitalize } from "../show/format";
import { Note } from "../show/Note";
import { Output } from "../show/Output";
import { ProblemNote } from "../show/ProblemNote";
import { Ago } from "../show/Time";
import { commandState, interpreterOf, over } from "./commandWords";
import { useCommandOutput } from "./useOutput";

const SHOWN = 5;

/** Runs something once on the machine, and shows what the last ones wrote. Nothing of it is asked for until somebody opens it. */
export function Commands({ machine }: { machine: MachineView }) {
  const may = useMay("command-run");
  const [open, setOpen] = useState(false);
  if (!may || machine.state === "deleting") {
    return null;
  }
  return (
    <section aria-labelledby="commands">
      <Group justify="space-between" mb={open ? "xs" : 0} gap="xs">
        <Title order={2} size="h5" id="commands">
          Run a command
        </Title>
        <Button variant="default" size="xs" onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? "Hide" : "Show"}
        </Button>
      </Group>
      {open && <OpenCommands machine={machine} />}
    </section>
  );
}

function OpenCommands({ machine }: { machine: MachineView }) {
  const commands = useCommands(machine.name);
  const [chosen, setChosen] = useState("");
  const list = commands.data ?? [];
  const mode = machine.facts.trustMode;
  return (
    <Stack gap="sm">
      {mode && mode !== "full" ? (
        <Note tone="off" title={`Its owner allows no commands (trust mode ${mode})`}>
          <Text size="sm">Only the machine's owner can change that, in its file /etc/vmext/trust.json.</Text>
        </Note>
      ) : (
        <Run machine={machine} onRun={setChosen} />
      )}
      {commands.isError && !commands.data && (
        <ProblemNote error={commands.error} onRetry={() => void commands.refetch()} />
      )}
      {chosen && <Watched key={chosen} machine={machine.name} id={chosen} />}
      {list.length > 0 && (
        <div className="panel" style={{ padding: "6px 0" }}>
          {list.slice(0, SHOWN).map((one) => (
            <Line key={one.id} command={one} chosen={one.id === chosen} onChoose={() => setChosen(one.id)} />
          ))}
        </div>
      )}
      {list.length > SHOWN && (
        <Text size="sm" c="dimmed">
          {list.length - SHOWN} older: <span className="mono">vmext command list {machine.name}</span>
        </Text>
      )}
    </Stack>
  );
}

function Run({ machine, onRun }: { machine: MachineView; onRun: (id: string) => void }) {
  const run = useRunCommand();
  const [script, setScript] = useState("");
  const [user, setUser] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const interpreter = interpreterOf(script);
    const body = {
      script: `${script}\n`,
      ...(interpreter ? { interpreter } : {}),
      ...(user.trim() ? { user: user.trim() } : {}),
    };
    run.mutate({ machine: machine.name, body }, { onSuccess: (made) => onRun(made.id) });
  };
  return (
    <form onSubmit={submit}>
      <Textarea
        label="Script"
        description="Run once on the machine by /bin/sh, or by what its #! line says, without input. Write no secrets into it: what it prints is kept."
        placeholder="df -h"
        autosize
        minRows={2}
        maxRows={16}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        value={script}
        onChange={(event) => setScript(event.currentTarget.value)}
      />
      <Group mt="xs" align="end" gap="sm">
        <TextInput
          label="As user"
          placeholder="root"
          w={160}
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
        <Button
          type="submit"
          loading={run.isPending}
          disabled={script.trim() === ""}
          leftSection={<IconPlayerPlay size={16} />}
        >
          Run on {machine.name}
        </Button>
      </Group>
      {machine.state !== "online" && (
        <Text size="sm" c="dimmed" mt="xs">
          The machine is not online. A command waits for it for an hour.
        </Text>
      )}
      {run.isError && (
        <div style={{ marginTop: 8 }}>
          <ProblemNote problem={problemOf(run.error)} />
        </div>
      )}
    </form>
  );
}

function Line({ command, chosen, onChoose }: { command: CommandView; chosen: boolean; onChoose: () => void }) {
  return (
    <UnstyledButton
      onClick={onChoose}
      aria-pressed={chosen}
      aria-label={`Show command ${command.id}`}
      style={{ display: "block", width: "100%", padding: "6px 16px" }}
    >
      <Group gap="sm" wrap="wrap">
        <Chip shown={commandState(command)} />
        <Text size="sm" c="dimmed" fw={chosen ? 600 : 400}>
          <Ago time={command.createdAt} /> · by {command.createdBy.replace(/^user:/, "")} · as {command.user ?? "root"}
        </Text>
      </Group>
    </UnstyledButton>
  );
}

/** One command, as it goes. */
function Watched({ machine, id }: { machine: string; id: string }) {
  const output = useCommandOutput(machine, id);
  const cancel = useCancelCommand();
  const command = output.command;
  return (
    <div data-command={id}>
      <Group justify="space-between" mb={6} gap="xs">
        {command ? <Chip shown={commandState(command)} /> : <Text size="sm">Connecting…</Text>}
        {command && !over(command.state) && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerStop size={14} />}
            loading={cancel.isPending}
            disabled={command.cancelling}
            onClick={() => cancel.mutate({ machine, id })}
          >
            Stop it
          </Button>
        )}
      </Group>
      {cancel.isError && <ProblemNote error={cancel.error} />}
      {output.problem && <ProblemNote problem={output.problem} />}
      {command?.cause && (
        <div style={{ marginBottom: 8 }}>
          <Note tone={commandState(command).tone} title={capitalize(command.cause.message)}>
            {command.cause.hint && <Text size="sm">{capitalize(command.cause.hint)}.</Text>}
          </Note>
        </div>
      )}
      {output.text !== "" && <Output text={output.text} label="Output of the command" follow />}
      {output.text === "" && command && over(command.state) && (
        <Text size="sm" c="dimmed">
          It wrote nothing.
        </Text>
      )}
      {command?.truncated && (
        <Text size="xs" c="dimmed" mt={4}>
          It wrote more than is kept; the rest is lost.
        </Text>
      )}
    </div>
  );
}

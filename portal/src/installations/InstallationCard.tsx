import { ActionIcon, Collapse, Group, Menu, Stack, Tabs, Text, Title, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconDots, IconPencil, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useDeleteInstallation, usePutInstallation } from "../api/queries";
import type { InstallationView } from "../api/types";
import { Chip } from "../show/Chip";
import { Confirm } from "../show/Confirm";
import { askedVersion } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import { installationState, versionState } from "../show/states";
import { For } from "../show/Time";
import { Attempted } from "./Attempted";
import { Cause } from "./Cause";
import { HandlerStatus } from "./HandlerStatus";
import { LastOutput } from "./LastOutput";
import { Orders } from "./Orders";
import { Overdue } from "./Overdue";
import { Removal } from "./Removal";
import { Usage } from "./Usage";
import { WantedSettings } from "./WantedSettings";

interface InstallationCardProps {
  installation: InstallationView;
  openAtFirst: boolean;
  may: boolean;
  onChange: () => void;
}

/** One installation: what is wanted, how it is, why, and what its handler said. */
export function InstallationCard({ installation, openAtFirst, may, onChange }: InstallationCardProps) {
  const [open, setOpen] = useState(openAtFirst);
  const id = useId();
  return (
    <article className="panel" aria-labelledby={`${id}name`} data-installation={installation.name}>
      <Group justify="space-between" wrap="nowrap" align="start" px={18} pt={14} pb={12} gap="xs">
        <div style={{ flex: 1, minWidth: 0 }}>
          <Group gap="6px 12px">
            <Title order={3} size="h4" style={{ minWidth: 0 }}>
              <UnstyledButton
                onClick={() => setOpen(!open)}
                aria-expanded={open}
                aria-controls={`${id}details`}
                className="card-name"
              >
                <IconChevronDown size={17} aria-hidden="true" className={open ? "turn" : "turn turned"} />
                <span id={`${id}name`}>{installation.name}</span>
              </UnstyledButton>
            </Title>
            <Chip shown={installationState(installation)} />
            {installation.versionState !== "active" && <Chip shown={versionState(installation.versionState)} />}
          </Group>
          <Text size="sm" c="dimmed" mt={4} ml={29} style={{ overflowWrap: "anywhere" }}>
            {installation.extension} {versions(installation)} · for <For since={installation.stateSince} />
            {installation.attempt > 1 && ` · attempt ${installation.attempt}`}
          </Text>
        </div>
        {may && !installation.removing && <Actions installation={installation} onChange={onChange} />}
      </Group>
      <Stack gap="sm" px={18} pb={14} className="card-notes">
        <Overdue installation={installation} />
        {installation.cause && <Cause cause={installation.cause} state={installation.state} />}
        <Attempted installation={installation} />
        <Orders installation={installation} may={may} />
      </Stack>
      <Collapse expanded={open} id={`${id}details`}>
        <Tabs defaultValue="status" keepMounted={false} px={18} pb={16}>
          <Tabs.List mb="sm">
            <Tabs.Tab value="status">Status</Tabs.Tab>
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="status">
            <HandlerStatus installation={installation} />
            <LastOutput installation={installation} />
            {installation.usage && <Usage usage={installation.usage} name={installation.name} />}
            {installation.removal && <Removal report={installation.removal} />}
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <WantedSettings installation={installation} />
          </Tabs.Panel>
        </Tabs>
      </Collapse>
    </article>
  );
}

function versions(installation: InstallationView): string {
  const { version, runningVersion } = installation;
  return runningVersion && runningVersion !== version ? `${version} (running ${runningVersion})` : version;
}

function Actions({ installation, onChange }: { installation: InstallationView; onChange: () => void }) {
  const put = usePutInstallation();
  const remove = useDeleteInstallation();
  const [asking, setAsking] = useState<"rerun" | "uninstall" | null>(null);
  const { machine, name } = installation;
  const close = () => {
    setAsking(null);
    put.reset();
    remove.reset();
  };
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="default" size={34} aria-label={`Actions for ${name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={onChange}>
            Change settings…
          </Menu.Item>
          <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => setAsking("rerun")}>
            Run again…
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setAsking("uninstall")}>
            Uninstall…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asking === "rerun"}
        title={`Run ${name} again?`}
        verb="Run again"
        busy={put.isPending}
        error={put.error}
        onClose={close}
        onConfirm={() =>
          put.mutate(
            {
              machine,
              name,
              mustBeNew: false,
              body: {
                extension: installation.extension,
                version: askedVersion(installation.constraint) || null,
                settings: installation.settings,
                protectedSettings: null,
                after: installation.after,
                rerun: true,
                deadlines: installation.deadlines,
              },
            },
            { onSuccess: close },
          )
        }
      >
        <Text size="sm">Its handler is called again with the same settings on {machine}.</Text>
      </Confirm>
      <Confirm
        opened={asking === "uninstall"}
        title={`Uninstall ${name}?`}
        verb="Uninstall"
        danger
        busy={remove.isPending}
        error={remove.error}
        onClose={close}
        onConfirm={() => remove.mutate({ machine, name }, { onSuccess: close })}
      >
        <Text size="sm">
          {installation.extension} is removed from {machine}, with the settings stored for it here.
        </Text>
      </Confirm>
      {put.isError && asking === null && <ProblemNote error={put.error} />}
    </>
  );
}

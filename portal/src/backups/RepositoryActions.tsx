import { ActionIcon, Menu, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconCloudUp,
  IconCopy,
  IconDots,
  IconEraser,
  IconHistory,
  IconStethoscope,
  IconTestPipe,
} from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { type RepositoryWork, useBackUpNow, useRepositoryWork } from "../api/backups";
import type { RepositoryView } from "../api/backupTypes";
import { useMay } from "../api/queries";
import { Confirm } from "../show/Confirm";

const RestoreDialog = lazy(() => import("./RestoreDialog"));

const WORK: Record<RepositoryWork, { label: string; what: string; icon: typeof IconDots }> = {
  check: { label: "Check…", what: "Its structure, and a part of its data, are read.", icon: IconStethoscope },
  prove: {
    label: "Prove…",
    what: "The newest snapshot is restored into a throw-away folder on the control plane and looked at.",
    icon: IconTestPipe,
  },
  replicate: { label: "Copy to the second place…", what: "The second place gets what it lacks.", icon: IconCopy },
  prune: {
    label: "Forget old snapshots…",
    what: "Snapshots that are not kept are forgotten and their space is freed. Meanwhile backups into it have to wait.",
    icon: IconEraser,
  },
};

type Asking = RepositoryWork | "backup";

/** What can be done with a repository. */
export function RepositoryActions({ view }: { view: RepositoryView }) {
  const mayWork = useMay("backup-write");
  const mayInstall = useMay("installation-write");
  const work = useRepositoryWork(view);
  const backup = useBackUpNow(view);
  // What was asked stays in the dialog while it closes.
  const [asked, setAsked] = useState<Asking>("check");
  const [asking, setAsking] = useState(false);
  const [restoring, setRestoring] = useState(false);
  if (!mayWork && !mayInstall) {
    return null;
  }
  const ask = (what: Asking) => {
    setAsked(what);
    setAsking(true);
  };
  const close = () => {
    setAsking(false);
    work.reset();
    backup.reset();
  };
  const confirm = () => {
    if (asked === "backup") {
      backup.mutate(undefined, {
        onSuccess: () => {
          close();
          notifications.show({ message: `The backup ${view.installation} of ${view.machine} is to begin.` });
        },
      });
    } else {
      work.mutate(asked, { onSuccess: close });
    }
  };
  const name = `${view.installation} of ${view.machine}`;
  const kinds = (Object.keys(WORK) as RepositoryWork[]).filter((one) => one !== "replicate" || view.policy.replica);
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="default" size={34} aria-label={`Actions for ${name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayInstall && (
            <Menu.Item
              leftSection={<IconHistory size={16} />}
              disabled={view.status.snapshots === 0}
              onClick={() => setRestoring(true)}
            >
              Restore files…
            </Menu.Item>
          )}
          {mayInstall && view.inUse && (
            <Menu.Item leftSection={<IconCloudUp size={16} />} onClick={() => ask("backup")}>
              Back up now…
            </Menu.Item>
          )}
          {mayInstall && mayWork && <Menu.Divider />}
          {mayWork &&
            kinds.map((one) => {
              const Icon = WORK[one].icon;
              return (
                <Menu.Item
                  key={one}
                  leftSection={<Icon size={16} />}
                  disabled={view.running !== null}
                  onClick={() => ask(one)}
                >
                  {WORK[one].label}
                </Menu.Item>
              );
            })}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asking}
        title={titleOf(asked, name)}
        verb={asked === "backup" ? "Back up" : "Begin"}
        busy={work.isPending || backup.isPending}
        error={work.error ?? backup.error}
        onClose={close}
        onConfirm={confirm}
      >
        <Text size="sm">
          {asked === "backup"
            ? "It runs beside its schedule, now or when the machine connects. How far it is shows on the machine's page."
            : WORK[asked].what}
        </Text>
      </Confirm>
      {restoring && (
        <Suspense fallback={null}>
          <RestoreDialog repository={view} snapshot="" onClose={() => setRestoring(false)} />
        </Suspense>
      )}
    </>
  );
}

function titleOf(asked: Asking, name: string): string {
  switch (asked) {
    case "backup":
      return `Back up now: ${name}?`;
    case "check":
      return `Check ${name}?`;
    case "prove":
      return `Prove ${name}?`;
    case "replicate":
      return `Copy ${name} to the second place?`;
    case "prune":
      return `Forget old snapshots of ${name}?`;
  }
}

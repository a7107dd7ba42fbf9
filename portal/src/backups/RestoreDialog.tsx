import { Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import { useStartRestore } from "../api/backups";
import type { RepositoryView } from "../api/backupTypes";
import { useDeleteInstallation } from "../api/queries";
import { shortName } from "../api/shortName";
import { RestoreForm } from "./RestoreForm";
import { RestoreRun } from "./RestoreRun";
import { type RestoreWish, restoreSettings } from "./restoreWords";

interface RestoreDialogProps {
  repository: RepositoryView;
  /** The one to begin with; empty for the newest. */
  snapshot: string;
  onClose: () => void;
}

function newName(): string {
  return `restore-${shortName()}`;
}

/** Brings files back: asks what and where to, then shows how it goes. */
export default function RestoreDialog({ repository, snapshot, onClose }: RestoreDialogProps) {
  const small = useMediaQuery("(max-width: 620px)", false, { getInitialValueInEffect: false });
  const start = useStartRestore();
  const remove = useDeleteInstallation();
  const [name, setName] = useState(newName);
  const [machine, setMachine] = useState(repository.machineExists ? repository.machine : "");
  const [wish, setWish] = useState<RestoreWish>({
    snapshot: snapshot || "latest",
    include: "",
    exclude: "",
    target: "/",
    overwrite: "always",
    dryRun: true,
  });
  const [begun, setBegun] = useState<{ machine: string; dryRun: boolean } | null>(null);
  const [over, setOver] = useState(false);

  const begin = (dryRun: boolean) => {
    const now = { ...wish, dryRun };
    setWish(now);
    start.mutate(
      {
        machine,
        name,
        settings: restoreSettings({ machine: repository.machineId, installation: repository.installation }, now),
        mustBeNew: begun === null,
      },
      {
        onSuccess: () => {
          setOver(false);
          setBegun({ machine, dryRun });
        },
      },
    );
  };
  /** What it put in place stays; only the extension goes. While it is at work it stays too. */
  const takeOff = () => {
    if (begun && over) {
      remove.mutate({ machine: begun.machine, name });
    }
  };
  const close = () => {
    takeOff();
    onClose();
  };
  const back = () => {
    takeOff();
    start.reset();
    setName(newName());
    setBegun(null);
    setOver(false);
  };
  return (
    <Modal
      opened
      onClose={close}
      title={`Restore from ${repository.installation} of ${repository.machine}`}
      size={680}
      fullScreen={small ?? false}
      closeOnClickOutside={false}
    >
      {begun ? (
        <RestoreRun
          // A dry run and what follows it are told apart.
          key={String(begun.dryRun)}
          machine={begun.machine}
          name={name}
          dryRun={begun.dryRun}
          busy={start.isPending}
          error={start.error}
          onOver={setOver}
          onRestore={() => begin(false)}
          onBack={back}
          onClose={close}
        />
      ) : (
        <RestoreForm
          repository={repository}
          machine={machine}
          onMachine={setMachine}
          wish={wish}
          onWish={setWish}
          busy={start.isPending}
          error={start.error}
          onBegin={() => begin(wish.dryRun)}
          onClose={close}
        />
      )}
    </Modal>
  );
}

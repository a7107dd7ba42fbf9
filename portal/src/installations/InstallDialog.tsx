import { Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import { useExtensions } from "../api/queries";
import type { ExtensionView, InstallationView, MachineView } from "../api/types";
import { platformWords } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import { ChooseExtension } from "./ChooseExtension";
import { InstallationForm } from "./InstallationForm";

interface InstallDialogProps {
  machine: MachineView;
  installations: InstallationView[];
  /** The one to change; null to add one. */
  installation: InstallationView | null;
  onClose: () => void;
}

export default function InstallDialog({ machine, installations, installation, onClose }: InstallDialogProps) {
  const small = useMediaQuery("(max-width: 620px)", false, { getInitialValueInEffect: false });
  const [chosen, setChosen] = useState<ExtensionView | null>(null);
  // What is installed already may have left the list of what is offered.
  const catalog = useExtensions(
    installation ? {} : { provider: machine.provider, platform: platformWords(machine.facts) },
  );
  const extension = installation ? (catalog.data?.find((one) => one.name === installation.extension) ?? null) : chosen;
  const title = installation
    ? `Change ${installation.name} on ${machine.name}`
    : chosen
      ? `Install ${chosen.displayName} on ${machine.name}`
      : `Install an extension on ${machine.name}`;
  return (
    <Modal opened onClose={onClose} title={title} size={760} fullScreen={small ?? false} closeOnClickOutside={false}>
      {catalog.isError && <ProblemNote error={catalog.error} onRetry={() => void catalog.refetch()} />}
      {!installation && !chosen && catalog.data && (
        <ChooseExtension extensions={catalog.data} installations={installations} onChoose={setChosen} />
      )}
      {catalog.data && (installation || chosen) && (
        <InstallationForm
          machine={machine.name}
          name={installation?.extension ?? chosen?.name ?? ""}
          extension={extension}
          installations={installations}
          installation={installation}
          onBack={installation ? null : () => setChosen(null)}
          onDone={onClose}
        />
      )}
    </Modal>
  );
}

import { Modal, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import { useExtensions } from "../api/queries";
import type { ExtensionView, InstallationView, MachineView } from "../api/types";
import { platformWords } from "../show/format";
import { Note } from "../show/Note";
import { ProblemNote } from "../show/ProblemNote";
import { ChooseExtension } from "./ChooseExtension";
import { InstallationForm } from "./InstallationForm";

interface InstallDialogProps {
  machine: MachineView;
  installations: InstallationView[];
  /** The one to change; null to add one. */
  installation: InstallationView | null;
  /** To begin with the form of this extension, if the catalog has it for the machine; empty to let people choose. */
  extension: string;
  onClose: () => void;
}

export default function InstallDialog({
  machine,
  installations,
  installation,
  extension: wished,
  onClose,
}: InstallDialogProps) {
  const small = useMediaQuery("(max-width: 620px)", false, { getInitialValueInEffect: false });
  const [picked, setPicked] = useState<ExtensionView | null | undefined>(undefined);
  // What is installed already may have left the list of what is offered.
  const catalog = useExtensions(
    installation ? {} : { provider: machine.provider, platform: platformWords(machine.facts) },
  );
  const wishedFor = wished ? catalog.data?.find((one) => one.name === wished) : undefined;
  const chosen = picked === undefined ? (wishedFor ?? null) : picked;
  const missing = catalog.data !== undefined && wished !== "" && wishedFor === undefined && picked === undefined;
  const extension = installation ? (catalog.data?.find((one) => one.name === installation.extension) ?? null) : chosen;
  const title = installation
    ? `Change ${installation.name} on ${machine.name}`
    : chosen
      ? `Install ${chosen.displayName} on ${machine.name}`
      : `Install an extension on ${machine.name}`;
  return (
    <Modal opened onClose={onClose} title={title} size={760} fullScreen={small ?? false} closeOnClickOutside={false}>
      {catalog.isError && <ProblemNote error={catalog.error} onRetry={() => void catalog.refetch()} />}
      {missing && !installation && (
        <div style={{ marginBottom: 12 }}>
          <Note tone="warn" title={`The catalog has no ${wished} for this machine`}>
            <Text size="sm">
              Publish it with <span className="mono">vmext extension publish</span>, or choose something else.
            </Text>
          </Note>
        </div>
      )}
      {!installation && !chosen && catalog.data && (
        <ChooseExtension extensions={catalog.data} installations={installations} onChoose={setPicked} />
      )}
      {catalog.data && (installation || chosen) && (
        <InstallationForm
          machine={machine.name}
          name={installation?.extension ?? chosen?.name ?? ""}
          extension={extension}
          installations={installations}
          installation={installation}
          onBack={installation ? null : () => setPicked(null)}
          onDone={onClose}
        />
      )}
    </Modal>
  );
}

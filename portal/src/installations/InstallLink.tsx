import { Anchor } from "@mantine/core";
import { Link } from "react-router";

/** To the machine's page with the install form of this extension open. */
export function InstallLink({ machine, extension }: { machine: string; extension: string }) {
  return (
    <Anchor
      component={Link}
      to={`/machines/${encodeURIComponent(machine)}?install=${encodeURIComponent(extension)}`}
      size="sm"
    >
      Install {extension}
    </Anchor>
  );
}

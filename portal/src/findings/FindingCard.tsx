import { Anchor, Button, Collapse, Group, Text, Title, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useId, useState } from "react";
import { Link } from "react-router";
import { useMay } from "../api/queries";
import type { FindingView } from "../api/watchTypes";
import { Chip } from "../show/Chip";
import { Ago } from "../show/Time";
import { Acknowledge } from "./Acknowledge";
import { FindingDetails } from "./FindingDetails";
import { findingState, foundBy, severity, typeText } from "./findingWords";

interface FindingCardProps {
  finding: FindingView;
  openAtFirst?: boolean;
  /** Whether to say of which machine it is. */
  withMachine?: boolean;
}

/** One finding: how bad, what, where, since when; opened, all that is known of it. */
export function FindingCard({ finding, openAtFirst = false, withMachine = true }: FindingCardProps) {
  const [open, setOpen] = useState(openAtFirst);
  const [asking, setAsking] = useState(false);
  const may = useMay("finding-write");
  const id = useId();
  return (
    <article className="panel" aria-labelledby={`${id}name`} data-finding={finding.subject}>
      <Group justify="space-between" align="start" px={16} py={12} gap="xs">
        <div style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Title order={3} size="h5">
            <UnstyledButton
              onClick={() => setOpen(!open)}
              aria-expanded={open}
              aria-controls={`${id}details`}
              className="card-name"
              style={{ alignItems: "start" }}
            >
              <IconChevronDown
                size={17}
                aria-hidden="true"
                className={open ? "turn" : "turn turned"}
                style={{ marginTop: 2 }}
              />
              <span id={`${id}name`}>{finding.title}</span>
            </UnstyledButton>
          </Title>
          <Group gap="4px 8px" mt={6} ml={29}>
            <Chip shown={severity(finding.severity)} />
            {finding.state !== "open" && <Chip shown={findingState(finding.state)} />}
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {withMachine && finding.machine && (
                <>
                  <Anchor component={Link} to={`/machines/${encodeURIComponent(finding.machine)}`} inherit>
                    {finding.machine}
                  </Anchor>
                  {" · "}
                </>
              )}
              {typeText(finding.type)} · {foundBy(finding)} · <Ago time={finding.lastSeen} />
            </Text>
          </Group>
        </div>
        {may && finding.state === "open" && (
          <Button
            size="xs"
            variant="default"
            style={{ flex: "none" }}
            onClick={() => setAsking(true)}
            aria-label={`Acknowledge ${finding.title}`}
          >
            Acknowledge…
          </Button>
        )}
      </Group>
      <Collapse expanded={open} id={`${id}details`}>
        <div style={{ padding: "0 16px 14px 45px" }}>
          <FindingDetails finding={finding} />
          <Group gap="md" mt="sm">
            <Anchor component={Link} to={`/findings/${encodeURIComponent(finding.id)}`} size="sm">
              Its own page
            </Anchor>
            {may && finding.state === "acknowledged" && (
              <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>
                Change the note…
              </Button>
            )}
          </Group>
        </div>
      </Collapse>
      <Acknowledge finding={finding} opened={asking} onClose={() => setAsking(false)} />
    </article>
  );
}

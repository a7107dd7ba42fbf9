import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

interface OutputProps {
  text: string;
  label: string;
  /** Whether the newest line stays in sight as text comes. */
  follow?: boolean;
}

/** Text from a machine: shown as it is, never as anything else than text. */
export function Output({ text, label, follow = false }: OutputProps) {
  const block = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = block.current;
    if (follow && element) {
      element.scrollTop = element.scrollHeight;
    }
  }, [text, follow]);
  return (
    <div style={{ position: "relative" }}>
      <section ref={block} className="output" tabIndex={0} aria-label={label}>
        {text}
      </section>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : "Copy"}>
            <ActionIcon
              onClick={copy}
              aria-label={`Copy ${label.toLowerCase()}`}
              variant="subtle"
              color="gray.4"
              style={{ position: "absolute", top: 6, right: 12 }}
            >
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}

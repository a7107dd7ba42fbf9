import { Button, Group, Text, Tooltip } from "@mantine/core";
import { useState } from "react";
import { useOrder } from "../api/queries";
import type { InstallationView, OrderKind, OrderView } from "../api/types";
import { Confirm } from "../show/Confirm";
import { ProblemNote } from "../show/ProblemNote";
import { Ago } from "../show/Time";
import { ORDERS, offeredOrders, orderProgress, orderVerb } from "./orderWords";

interface OrdersProps {
  installation: InstallationView;
  may: boolean;
}

/** The orders that make sense as things are, and how far the last one came. */
export function Orders({ installation, may }: OrdersProps) {
  const { machine, name, order } = installation;
  const give = useOrder();
  const [asking, setAsking] = useState<OrderKind | null>(null);
  // Keeps its words while the dialog fades out.
  const [asked, setAsked] = useState<OrderKind>("reset");
  const offered = may ? offeredOrders(installation.offered) : [];
  if (offered.length === 0 && order === null && asking === null && !give.isError) {
    return null;
  }
  const close = () => {
    setAsking(null);
    give.reset();
  };
  const start = (kind: OrderKind) => {
    give.reset();
    if (ORDERS[kind].asks) {
      setAsked(kind);
      setAsking(kind);
    } else {
      give.mutate({ machine, name, kind });
    }
  };
  return (
    <div>
      {order && <LastOrder order={order} />}
      {offered.length > 0 && (
        <Group gap="xs" role="group" aria-label={`Orders for ${name}`}>
          {offered.map((kind) => (
            <Tooltip key={kind} label={ORDERS[kind].meaning} multiline maw={280} withArrow openDelay={400}>
              <Button
                size="xs"
                variant="default"
                data-order={kind}
                loading={give.isPending && give.variables.kind === kind}
                onClick={() => start(kind)}
              >
                {ORDERS[kind].asks ? `${ORDERS[kind].verb}…` : ORDERS[kind].verb}
              </Button>
            </Tooltip>
          ))}
        </Group>
      )}
      {give.isError && asking === null && (
        <div style={{ marginTop: 10 }}>
          <ProblemNote error={give.error} />
        </div>
      )}
      <Confirm
        opened={asking !== null}
        title={asked === "cancel" ? `Cancel the work on ${name}?` : `${ORDERS[asked].verb} ${name}?`}
        verb={asked === "cancel" ? "Cancel the work" : ORDERS[asked].verb}
        keep="Go back"
        danger
        busy={give.isPending}
        error={give.error}
        onClose={close}
        onConfirm={() => give.mutate({ machine, name, kind: asked }, { onSuccess: close })}
      >
        <Text size="sm">{ORDERS[asked].meaning}</Text>
        <Text size="sm" c="dimmed">
          If {machine} is off, the order waits for it.
        </Text>
      </Confirm>
    </div>
  );
}

function LastOrder({ order }: { order: OrderView }) {
  const progress = orderProgress(order);
  return (
    <Group gap={8} wrap="nowrap" align="baseline" mb={8}>
      <span className={`dot tone-${progress.tone}`} aria-hidden="true" />
      <Text size="sm">
        Order <b>{orderVerb(order.kind)}</b>, given <Ago time={order.at} />: {progress.text}
      </Text>
    </Group>
  );
}

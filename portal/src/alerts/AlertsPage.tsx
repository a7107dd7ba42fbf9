import { Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useAlerts } from "../api/alerts";
import { AlertList } from "./AlertList";
import { Rules } from "./Rules";
import { Silences } from "./Silences";

const TABS = ["alerts", "rules", "silences"];

/** What the rules say now, the rules, and what nobody is told of. */
export function AlertsPage() {
  const [query, setQuery] = useSearchParams();
  const asked = query.get("tab") ?? "";
  const tab = TABS.includes(asked) ? asked : "alerts";
  const alerts = useAlerts();
  const firing = alerts.data?.filter((one) => one.state === "firing") ?? [];
  const loud = firing.filter((one) => !one.silenced).length;
  return (
    <Stack gap="md">
      <title>Alerts · vmext</title>
      <Group justify="space-between" align="end" gap="xs">
        <Title order={1}>Alerts</Title>
        {alerts.data && (
          <Text c="dimmed" size="sm">
            {firing.length === 0 ? "None is firing" : `${loud} firing`}
            {firing.length > loud && `, ${firing.length - loud} silenced`}
          </Text>
        )}
      </Group>
      <Tabs
        value={tab}
        onChange={(value) => setQuery(value && value !== "alerts" ? { tab: value } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="alerts">Now</Tabs.Tab>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="silences">Silences</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="alerts">
          <AlertList alerts={alerts} />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <Rules />
        </Tabs.Panel>
        <Tabs.Panel value="silences">
          <Silences />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

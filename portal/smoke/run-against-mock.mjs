// npm run smoke: the smoke tests against the mock, after npm run build; npm run smoke -- watch runs only that one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startMock } from "./mock-api.mjs";

// Each with a mock of its own: a sign-in link works once, and one must not see what the other did.
const wanted = process.argv[2] ?? "";
for (const test of ["portal.smoke.mjs", "watch.smoke.mjs", "manage.smoke.mjs"].filter((one) =>
  one.startsWith(wanted),
)) {
  const mock = await startMock({ step: 300 });
  const child = spawn(process.execPath, ["--test", fileURLToPath(new URL(test, import.meta.url))], {
    stdio: "inherit",
    env: {
      ...process.env,
      PORTAL_URL: mock.url,
      SIGN_IN_LINK: mock.signInLink,
      PORTAL_MACHINE: "demo",
      PORTAL_INSTALL: "1",
      PORTAL_ORDER: "backup-check",
      PORTAL_FINDING: "203.0.113.77",
      PORTAL_METRIC: "node_load5",
      PORTAL_BACKUP: "nightly",
      PORTAL_FOLDER: "/srv/restored",
      PORTAL_WORK: "1",
      PORTAL_DISK: "1",
      PORTAL_UPDATES: "1",
      PORTAL_RECEIVER: "http://127.0.0.1:9/hook",
    },
  });
  const [code] = await once(child, "exit");
  await mock.close();
  process.exitCode = process.exitCode || (code ?? 1);
}

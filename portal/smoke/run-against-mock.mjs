// npm run smoke: the smoke tests against the mock, after npm run build.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startMock } from "./mock-api.mjs";

// Each with a mock of its own: a sign-in link works once, and one must not see what the other did.
for (const test of ["portal.smoke.mjs", "watch.smoke.mjs"]) {
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
      PORTAL_RECEIVER: "http://127.0.0.1:9/hook",
    },
  });
  const [code] = await once(child, "exit");
  await mock.close();
  process.exitCode = process.exitCode || (code ?? 1);
}

// npm run smoke: the smoke test against the mock, after npm run build.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startMock } from "./mock-api.mjs";

const mock = await startMock({ step: 300 });
const child = spawn(process.execPath, ["--test", fileURLToPath(new URL("portal.smoke.mjs", import.meta.url))], {
  stdio: "inherit",
  env: {
    ...process.env,
    PORTAL_URL: mock.url,
    SIGN_IN_LINK: mock.signInLink,
    PORTAL_MACHINE: "demo",
    PORTAL_INSTALL: "1",
    PORTAL_ORDER: "backup-check",
  },
});
child.on("exit", async (code) => {
  await mock.close();
  process.exitCode = code ?? 1;
});

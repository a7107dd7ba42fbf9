// Pictures of the portal against the mock, at both widths and in both colour schemes, to look at while developing:
//   npm run build && npm run shots -- FOLDER
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { startMock } from "./mock-api.mjs";

const folder = process.argv[2] ?? "dist/../shots";
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--headless", "--disable-gpu"],
});
for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    const mock = await startMock();
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: width === 390 ? 844 : 900 } });
    page.on(
      "console",
      (line) => ["error", "warning"].includes(line.type()) && console.log(`${scheme} ${width}: ${line.text()}`),
    );
    page.on("pageerror", (error) => console.log(`${scheme} ${width}: ${error}`));
    const shot = async (name) => {
      await page.waitForTimeout(350);
      await page.screenshot({ path: `${folder}/${name}-${width}-${scheme}.png`, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) {
        console.log(`${name} ${width}: the page is ${wide} wide`);
      }
    };
    await page.goto(mock.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await shot("signed-out");
    await page.goto(mock.signInLink);
    await page.getByRole("link", { name: "demo" }).waitFor();
    await shot("machines");
    await page.getByRole("link", { name: "demo" }).click();
    await page.getByRole("heading", { name: "motd" }).waitFor();
    await shot("machine");
    await page.locator('[data-installation="motd"]').getByRole("tab", { name: "Settings" }).click();
    await shot("machine-tabs");
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.getByRole("button", { name: "Install extension" }).click();
    await page.getByText("Custom script").first().waitFor();
    await shot("choose");
    await page.getByRole("button", { name: /Custom script/ }).click();
    await page.getByLabel("Name on this machine").waitFor();
    await page.waitForTimeout(400);
    await tall(page, () => shot("install"));
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Actions for firewall" }).click();
    await page.getByRole("menuitem", { name: "Change settings" }).click();
    await page.getByRole("button", { name: "Save and apply" }).waitFor();
    await tall(page, () => shot("change"));
    await page.getByRole("button", { name: "Cancel" }).click();
    for (const path of [
      "/findings",
      "/findings?state=all",
      "/alerts",
      "/alerts?tab=rules",
      "/alerts?tab=silences",
      "/webhooks",
    ]) {
      await page.goto(mock.url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.locator("[data-finding], [data-alert], [data-rule], [data-silence], [data-webhook]").first().waitFor();
      if (path === "/findings") {
        await page.locator("[data-finding] button").first().click();
      }
      await shot(path.slice(1).replace(/[?=]/g, "-"));
    }
    await page.getByRole("button", { name: "New webhook" }).click();
    await page.waitForTimeout(400);
    await tall(page, () => shot("webhook-new"));
    await page.goto(`${mock.url}/alerts?tab=rules`);
    await page.getByRole("button", { name: "Actions for disk-filling" }).click();
    await page.getByRole("menuitem", { name: "Edit" }).click();
    await page.waitForTimeout(400);
    await tall(page, () => shot("rule-edit"));
    await page.goto(`${mock.url}/machines/demo?metric=node_systemd_unit_state&range=24h`);
    await page.locator("[data-chart] canvas").nth(5).waitFor();
    await shot("charts");
    for (const path of ["/backups", "/updates"]) {
      await page.goto(mock.url + path);
      await page.locator("[data-repository], [data-updates]").first().waitFor();
      await shot(path.slice(1));
    }
    await page.goto(`${mock.url}/backups`);
    await page.getByRole("link", { name: "nightly" }).click();
    await page.locator("[data-snapshot]").first().waitFor();
    await shot("repository");
    await page
      .getByRole("button", { name: /^Restore/ })
      .first()
      .click();
    await page.getByText("Into a folder").click();
    await page.getByText("Some files").click();
    await page.waitForTimeout(400);
    await tall(page, () => shot("restore"));
    await page.getByText("Everything in it").click();
    await page.getByRole("button", { name: "Start the dry run" }).click();
    await page.getByText(/^Dry run: snapshot/).waitFor();
    await tall(page, () => shot("restore-dry"));
    await page.getByRole("button", { name: "Restore for real" }).click();
    await page.getByText("The files are back").waitFor();
    await tall(page, () => shot("restore-done"));
    await page.goto(`${mock.url}/machines/big`);
    await page.getByText("not-enough-memory").waitFor();
    await shot("problem");
    await page.goto(`${mock.url}/machines/web1`);
    await page.getByRole("heading", { name: "first-boot" }).waitFor();
    await shot("provisioning");
    await page.goto(`${mock.url}/extensions`);
    await page.getByRole("link", { name: "Firewall" }).waitFor();
    await shot("extensions");
    await page.getByRole("link", { name: "Firewall" }).click();
    await page.getByRole("heading", { name: "Versions" }).waitFor();
    await shot("extension");
    await mock.close();
    for (const state of ["empty", "failing"]) {
      const other = await startMock({ [state]: true });
      await page.goto(other.signInLink);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await shot(`${state}-machines`);
      for (const path of [
        "/extensions",
        "/findings",
        "/backups",
        "/updates",
        "/alerts",
        "/webhooks",
        "/machines/demo",
      ]) {
        await page.goto(other.url + path);
        await page.getByRole("heading", { level: 1 }).or(page.getByRole("alert")).first().waitFor();
        // A failing answer that may work later is asked for again first.
        await page.waitForTimeout(400);
        await shot(`${state}${path.replaceAll("/", "-")}`);
      }
      await other.close();
    }
    await page.close();
  }
}
await browser.close();

/** A dialog scrolls inside; a tall window shows all of it. */
async function tall(page, action) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: size.width, height: 3000 });
  await action();
  await page.setViewportSize(size);
}

// Walks through the portal in Chromium as somebody new would. Runs against any server:
//   PORTAL_URL        its address, http://127.0.0.1:7440
//   SIGN_IN_LINK      a fresh link of `vmext portal`
//   PORTAL_MACHINE    a machine that is online (demo)
//   PORTAL_INSTALL=1  also install, rerun and uninstall a script there
//   PORTAL_ORDER      an installation there that is offered a reset, which it is given
//   PORTAL_PATIENCE   milliseconds to wait for a machine (120000)
//   PORTAL_SHOTS      a folder for pictures of the pages
//   CHROMIUM          the browser (/usr/bin/chromium)
// `npm run smoke` runs it against the mock.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pictures, startBrowser } from "./browser.mjs";

const { PORTAL_URL, SIGN_IN_LINK, PORTAL_MACHINE = "demo", PORTAL_INSTALL, PORTAL_ORDER, PORTAL_SHOTS } = process.env;
const patience = Number(process.env.PORTAL_PATIENCE ?? 120_000);
const NAME = "portal-smoke";

let browser;
let page;

before(async () => {
  assert.ok(
    PORTAL_URL && SIGN_IN_LINK,
    "PORTAL_URL and SIGN_IN_LINK are not set; npm run smoke sets them for the mock",
  );
  browser = await startBrowser([/\/v1\/session$/, /nobody-is-called-that/]);
  page = await browser.open();
});

after(() => browser?.close());

async function picture(name) {
  await pictures(page, PORTAL_SHOTS, name);
}

function card() {
  return page.locator(`[data-installation="${NAME}"]`);
}

test("without a session it asks to sign in", async () => {
  await page.goto(PORTAL_URL);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("a sign-in link leads to the machines and leaves no code in the address", async () => {
  await page.goto(SIGN_IN_LINK);
  await page.getByRole("heading", { name: "Machines", level: 1 }).waitFor();
  assert.equal(new URL(page.url()).hash, "");
  assert.equal(new URL(page.url()).pathname, "/");
});

test("a sign-in link works once", async () => {
  const other = await browser.open();
  await other.goto(SIGN_IN_LINK);
  await other.getByText("sign-in-link-used").waitFor();
  await other.context().close();
});

test("changes come live", async () => {
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  await picture("machines");
});

test("a machine's page shows what it is and what it has", async () => {
  await page.getByRole("link", { name: PORTAL_MACHINE, exact: true }).click();
  await page.getByRole("heading", { name: PORTAL_MACHINE, level: 1 }).waitFor();
  await page.getByText("Online", { exact: true }).waitFor({ timeout: patience });
  await page.getByRole("heading", { name: "About" }).waitFor();
  await page.getByRole("heading", { name: "Extensions", level: 2 }).waitFor();
  await page.locator("[data-installation]").or(page.getByText("Nothing is installed here")).first().waitFor();
  await picture("machine");
});

test("an address of a page works when it is opened directly", async () => {
  await page.goto(`${PORTAL_URL}/machines/${PORTAL_MACHINE}`);
  await page.getByRole("heading", { name: PORTAL_MACHINE, level: 1 }).waitFor();
});

test("a command is run once, and its output comes as it is written, only as text", async () => {
  const section = page.getByRole("region", { name: "Run a command" });
  await section.getByRole("button", { name: "Show" }).click();
  await section.getByLabel("Script").fill("echo '<b>not bold</b>'; sleep 1; exit 3");
  await section.getByRole("button", { name: `Run on ${PORTAL_MACHINE}` }).click();
  await section.getByText("<b>not bold</b>").first().waitFor({ timeout: patience });
  await section.getByText("Exit code 3").first().waitFor({ timeout: patience });
  assert.equal(await section.locator("b", { hasText: "not bold" }).count(), 0);
  await picture("command");
  await section.getByRole("button", { name: "Hide" }).click();
});

test("the agent's log comes by itself", async () => {
  const section = page.getByRole("region", { name: "Logs" });
  await section.getByRole("button", { name: "Show" }).click();
  const agent = section.getByText("Agent", { exact: true });
  if ((await agent.count()) > 0) {
    await agent.first().click();
  }
  await section.getByText("Live: new lines appear by themselves").waitFor();
  await section.getByText("Connected").first().waitFor();
  await picture("log");
  await section.getByRole("button", { name: "Hide" }).click();
});

test("a reset says what happens, and only then is given", { skip: !PORTAL_ORDER }, async () => {
  const orders = page.getByRole("group", { name: `Orders for ${PORTAL_ORDER}` });
  await orders.getByRole("button", { name: "Reset" }).click();
  await page.getByRole("dialog").getByText("installed again from nothing").waitFor();
  await picture("reset");
  await page.getByRole("dialog").getByRole("button", { name: "Go back" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const given = page.locator(`[data-installation="${PORTAL_ORDER}"]`).getByText("Order Reset");
  assert.equal(await given.count(), 0);
  await orders.getByRole("button", { name: "Reset" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await given.waitFor();
});

test("a script is installed by its form, and its output is only text", { skip: !PORTAL_INSTALL }, async () => {
  await page.getByRole("button", { name: "Install extension" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /vmext\.CustomScript/ }).click();
  await dialog.getByLabel("Name on this machine").fill(NAME);
  await dialog.getByLabel("Script", { exact: true }).first().fill("echo '<b>not bold</b> 100 % done'\n");
  await dialog.getByRole("button", { name: "Install", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await card().getByText("Done", { exact: true }).waitFor({ timeout: patience });
  // On a machine with many installations those that are well begin closed.
  const name = card().getByRole("button", { name: NAME, exact: true });
  if ((await name.getAttribute("aria-expanded")) === "false") {
    await name.click();
  }
  await card().getByText("<b>not bold</b> 100 % done").first().waitFor();
  assert.equal(await card().locator("b", { hasText: "not bold" }).count(), 0);
});

test("it runs again with a higher sequence number", { skip: !PORTAL_INSTALL }, async () => {
  const sequence = async () => {
    await card().getByRole("tab", { name: "Settings" }).click();
    return Number.parseInt(await card().locator("dt:text-is('Sequence') + dd").textContent(), 10);
  };
  const first = await sequence();
  await page.getByRole("button", { name: `Actions for ${NAME}` }).click();
  await page.getByRole("menuitem", { name: "Run again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run again" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await card().getByText("Done", { exact: true }).waitFor({ timeout: patience });
  assert.equal(await sequence(), first + 1);
});

test("it is uninstalled and gone from the page without a reload", { skip: !PORTAL_INSTALL }, async () => {
  await page.getByRole("button", { name: `Actions for ${NAME}` }).click();
  await page.getByRole("menuitem", { name: "Uninstall" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Uninstall" }).click();
  await card().waitFor({ state: "detached", timeout: patience });
});

test("a machine that is not there gets the API's own problem", async () => {
  await page.goto(`${PORTAL_URL}/machines/nobody-is-called-that`);
  await page.getByText("machine-not-found").waitFor();
});

test("the page of an extension works when it is opened directly, dot and all", async () => {
  await page.goto(`${PORTAL_URL}/extensions`);
  const link = page.getByRole("main").getByRole("link").first();
  const address = await link.getAttribute("href");
  assert.match(address ?? "", /^\/extensions\/.+\..+/);
  await page.goto(`${PORTAL_URL}${address}`);
  await page.getByRole("heading", { name: "Versions" }).waitFor();
  await page.goto(PORTAL_URL);
});

test("the catalog shows extensions with their versions", async () => {
  await page.getByRole("link", { name: "Extensions", exact: true }).click();
  const extension = page.getByRole("article").first().getByRole("link");
  const name = await extension.textContent();
  await picture("extensions");
  await extension.click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByRole("table", { name: "Versions" }).getByText("Active").first().waitFor();
  await picture("extension");
});

test("on a narrow screen nothing is cut off", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/", `/machines/${PORTAL_MACHINE}`, "/extensions"]) {
    await page.goto(PORTAL_URL + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path} is ${width} wide`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
});

test("signing out ends the session", async () => {
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto(PORTAL_URL);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("the browser had nothing to complain about", () => {
  assert.deepEqual(browser.complaints, []);
});

// Walks through what is found, measured and told, in Chromium. Runs against any server:
//   PORTAL_URL        its address, http://127.0.0.1:7440
//   SIGN_IN_LINK      a fresh link of `vmext portal`
//   PORTAL_MACHINE    a machine (demo)
//   PORTAL_FINDING    the subject of an open finding there, high or critical; it gets acknowledged
//   PORTAL_METRIC     a metric that the machine has values of in the last hour
//   PORTAL_RECEIVER   where a webhook can be sent that takes a test
//   PORTAL_PATIENCE   milliseconds to wait for values (120000)
//   PORTAL_SHOTS      a folder for pictures of the pages
//   CHROMIUM          the browser (/usr/bin/chromium)
// `npm run smoke` runs it against the mock.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pictures, startBrowser } from "./browser.mjs";

const { PORTAL_URL, SIGN_IN_LINK, PORTAL_MACHINE = "demo", PORTAL_SHOTS } = process.env;
const { PORTAL_FINDING, PORTAL_METRIC, PORTAL_RECEIVER } = process.env;
const patience = Number(process.env.PORTAL_PATIENCE ?? 120_000);
const RULE = "portal-smoke";
const NOTE = "known <b>here</b>, being looked at";

let browser;
let page;

before(async () => {
  assert.ok(
    PORTAL_URL && SIGN_IN_LINK && PORTAL_FINDING && PORTAL_METRIC && PORTAL_RECEIVER,
    "PORTAL_URL, SIGN_IN_LINK, PORTAL_FINDING, PORTAL_METRIC or PORTAL_RECEIVER is not set; npm run smoke sets them for the mock",
  );
  browser = await startBrowser([/\/v1\/session$/]);
  page = await browser.open();
  await page.goto(SIGN_IN_LINK);
  await page.getByRole("heading", { name: "Machines", level: 1 }).waitFor();
});

after(() => browser?.close());

function finding(where = page) {
  return where.locator(`[data-finding="${PORTAL_FINDING}"]`);
}

function rule() {
  return page.locator(`[data-rule="${RULE}"]`);
}

/** How many points of the chart have a colour, which axes and their texts have not. */
function colored(chart) {
  return chart.locator("canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let points = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue, alpha] = data.slice(at, at + 4);
      if (alpha > 0 && Math.max(red, green, blue) - Math.min(red, green, blue) > 70) {
        points++;
      }
    }
    return points;
  });
}

test("the navigation counts what is open and high or critical", async () => {
  await page.getByRole("navigation").getByTestId("severe").waitFor({ timeout: patience });
});

test("a machine's page has its open findings and their number", async () => {
  await page.goto(`${PORTAL_URL}/machines/${PORTAL_MACHINE}`);
  await page.getByTestId("finding-badge").waitFor();
  await finding().waitFor();
});

test("a machine's page says how much of the time it was connected", async () => {
  const table = page.getByRole("table", { name: "Availability" });
  await table.locator('[data-availability="machine"]').getByText(/%/).first().waitFor({ timeout: patience });
});

test("any metric can be chosen from the list, and its chart is drawn", async () => {
  await page.getByRole("combobox", { name: "Another metric" }).fill(PORTAL_METRIC);
  await page.getByRole("option", { name: PORTAL_METRIC, exact: true }).click();
  const chart = page.locator(`[data-chart="${PORTAL_METRIC}"]`);
  await chart.locator("canvas").waitFor({ timeout: patience });
  await page.waitForFunction(() => new URL(location.href).searchParams.has("metric"));
  await page.waitForTimeout(200);
  assert.ok((await colored(chart)) > 3, "the chart has no line");
  await chart.getByRole("table").getByRole("row").nth(1).waitFor();
  await chart.getByRole("img", { name: /^Chart of .* now [^–]/ }).waitFor();
  await pictures(page, PORTAL_SHOTS, "metrics");
});

test("each range is asked and drawn, without a reload", async () => {
  for (const range of ["6h", "24h", "7d", "30d"]) {
    const answered = page.waitForResponse((response) => response.url().includes("/metrics/range?"));
    await page.getByText(range, { exact: true }).click();
    assert.equal((await answered).status(), 200);
    await page.locator(`[data-chart="${PORTAL_METRIC}"]`).locator("canvas").waitFor();
  }
});

test("findings are filtered by the address and by the form", async () => {
  await page.goto(`${PORTAL_URL}/findings?machine=${PORTAL_MACHINE}&severity=high`);
  await finding().waitFor();
  assert.equal(
    await page
      .getByRole("textbox", { name: "Machine" })
      .or(page.getByRole("combobox", { name: "Machine" }))
      .first()
      .inputValue(),
    PORTAL_MACHINE,
  );
  await page.getByText("Resolved", { exact: true }).click();
  await finding().waitFor({ state: "detached" });
  await page.getByText("All", { exact: true }).click();
  await finding().waitFor();
  await pictures(page, PORTAL_SHOTS, "findings");
});

test("a finding is acknowledged with a note, and leaves the open ones of another window by itself", async () => {
  const other = await page.context().newPage();
  await other.goto(`${PORTAL_URL}/findings`);
  await finding(other).waitFor();
  await other.getByRole("status").filter({ hasText: "Live" }).waitFor();
  await finding()
    .getByRole("button", { name: /^Acknowledge/ })
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Note").fill(NOTE);
  await dialog.getByRole("button", { name: "Acknowledge" }).click();
  await dialog.waitFor({ state: "detached" });
  await finding(other).waitFor({ state: "detached", timeout: patience });
  await other.close();
  await page.goto(`${PORTAL_URL}/findings?state=acknowledged`);
  await finding().getByRole("button", { expanded: false }).first().click();
  await finding().getByText(NOTE).waitFor();
  assert.equal(await finding().locator("b").count(), 0);
  await finding().getByRole("link", { name: "Its own page" }).click();
  await page.getByText(NOTE).waitFor();
  await pictures(page, PORTAL_SHOTS, "finding");
});

test("the alerts page has alerts, rules and silences", async () => {
  await page.getByRole("link", { name: "Alerts", exact: true }).click();
  await page.getByRole("heading", { name: "Alerts", level: 1 }).waitFor();
  await pictures(page, PORTAL_SHOTS, "alerts");
  await page.getByRole("tab", { name: "Rules" }).click();
  await page.locator("[data-rule]").first().waitFor();
  await pictures(page, PORTAL_SHOTS, "rules");
});

test("a rule is made by its form, switched off, changed as JSON and deleted", async () => {
  await page.getByRole("button", { name: "New rule" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(RULE);
  await dialog.getByRole("textbox", { name: "Metric", exact: true }).fill("portal_smoke_queue");
  await dialog.getByLabel("This").fill("1000");
  await dialog.getByLabel("Summary").fill("The queue of {machine} has {value} entries");
  await pictures(page, PORTAL_SHOTS, "rule");
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.waitFor({ state: "detached" });
  await rule().getByText("portal_smoke_queue > 1000, for 5 min").waitFor();
  const on = rule().getByRole("switch");
  assert.equal(await on.isChecked(), true);
  await on.click({ force: true });
  await page.waitForFunction(
    (name) => document.querySelector(`[data-rule="${name}"] input:not(:checked):enabled`),
    RULE,
  );
  await page.getByRole("button", { name: `Actions for ${RULE}` }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await dialog.getByText("JSON", { exact: true }).click();
  const json = JSON.parse(await dialog.getByLabel("Rule", { exact: true }).inputValue());
  assert.equal(json.enabled, false);
  await dialog.getByLabel("Rule", { exact: true }).fill(JSON.stringify({ ...json, limit: 2000 }));
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await rule().getByText("portal_smoke_queue > 2000, for 5 min").waitFor();
  await page.getByRole("button", { name: `Actions for ${RULE}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await rule().waitFor({ state: "detached" });
});

test("a silence is made and ended", async () => {
  await page.getByRole("tab", { name: "Silences" }).click();
  await page.getByRole("button", { name: "New silence" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Alerts with all of").fill(`rule=${RULE}`);
  await dialog.getByLabel("Why").fill("portal smoke");
  await dialog.getByLabel("For").fill("30 min");
  await dialog.getByRole("button", { name: "Silence", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  const line = page.locator("[data-silence]").filter({ hasText: "portal smoke" });
  await line.getByText("Active", { exact: true }).waitFor();
  await line.getByRole("button", { name: /^End/ }).click();
  await dialog.getByRole("button", { name: "End it" }).click();
  await dialog.waitFor({ state: "detached" });
  await line.getByText("Active", { exact: true }).waitFor({ state: "detached" });
});

test("a webhook shows its secret once, takes a test and is deleted", async () => {
  await page.goto(`${PORTAL_URL}/webhooks`);
  await page.getByRole("button", { name: "New webhook" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("smoke");
  await dialog.getByLabel("Address").fill(PORTAL_RECEIVER);
  await dialog.getByRole("button", { name: "Create" }).click();
  const secret = await dialog.getByTestId("secret").textContent();
  assert.match(secret ?? "", /^whsec_[A-Za-z0-9+/]{43}=$/);
  await dialog.getByRole("button", { name: "Done" }).click();
  await dialog.waitFor({ state: "detached" });
  const card = page.locator('[data-webhook="smoke"]');
  await card.getByRole("button", { name: /^Send a test/ }).click();
  await card.getByText(/The receiver took the test with HTTP 2\d\d/).waitFor();
  await pictures(page, PORTAL_SHOTS, "webhooks");
  assert.equal((await page.content()).includes(secret), false);
  await card.getByRole("button", { name: /^Delete/ }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await card.waitFor({ state: "detached" });
});

test("on a narrow screen nothing is cut off", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const paths = [
    "/findings?state=all",
    "/alerts",
    "/alerts?tab=rules",
    "/webhooks",
    `/machines/${PORTAL_MACHINE}?metric=${PORTAL_METRIC}`,
  ];
  for (const path of paths) {
    await page.goto(PORTAL_URL + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (path.includes("metric=")) {
      await page.locator(`[data-chart="${PORTAL_METRIC}"] canvas`).waitFor();
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path} is ${width} wide`);
  }
});

test("the browser had nothing to complain about", () => {
  assert.deepEqual(browser.complaints, []);
});

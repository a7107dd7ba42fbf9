// Walks through backups, restoring, snapshots and updates, in Chromium. Runs against any server:
//   PORTAL_URL        its address, http://127.0.0.1:7440
//   SIGN_IN_LINK      a fresh link of `vmext portal`
//   PORTAL_MACHINE    a machine that is online (demo)
//   PORTAL_BACKUP     its installation of vmext.Backup, whose repository has at least one snapshot
//   PORTAL_FOLDER     a folder on the machine into which a dry run and then a restore go
//   PORTAL_WORK=1     also check the repository
//   PORTAL_DISK=1     the machine was made by the control plane: take, verify and delete a snapshot of its disk
//   PORTAL_UPDATES=1  the machine has vmext.Updates and has told of missing updates
//   PORTAL_PATIENCE   milliseconds to wait for the machine (120000)
//   PORTAL_SHOTS      a folder for pictures of the pages
//   CHROMIUM          the browser (/usr/bin/chromium)
// `npm run smoke` runs it against the mock.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pictures, startBrowser } from "./browser.mjs";

const { PORTAL_URL, SIGN_IN_LINK, PORTAL_MACHINE = "demo", PORTAL_SHOTS } = process.env;
const { PORTAL_BACKUP, PORTAL_FOLDER, PORTAL_WORK, PORTAL_DISK, PORTAL_UPDATES } = process.env;
const patience = Number(process.env.PORTAL_PATIENCE ?? 120_000);

let browser;
let page;

before(async () => {
  assert.ok(
    PORTAL_URL && SIGN_IN_LINK && PORTAL_BACKUP && PORTAL_FOLDER,
    "PORTAL_URL, SIGN_IN_LINK, PORTAL_BACKUP or PORTAL_FOLDER is not set; npm run smoke sets them for the mock",
  );
  browser = await startBrowser([/\/v1\/session$/]);
  page = await browser.open();
  await page.goto(SIGN_IN_LINK);
  await page.getByRole("heading", { name: "Machines", level: 1 }).waitFor();
});

after(() => browser?.close());

function repository(where = page) {
  return where.locator(`[data-repository="${PORTAL_MACHINE}/${PORTAL_BACKUP}"]`);
}

function actions() {
  return page.getByRole("button", { name: `Actions for ${PORTAL_BACKUP} of ${PORTAL_MACHINE}` });
}

test("the fleet's backups are shown with how they stand", async () => {
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await page.getByRole("heading", { name: "Backups", level: 1 }).waitFor();
  await repository().getByText("Backed up", { exact: true }).waitFor();
  await repository().getByText("of at most 36 h").waitFor();
  await page.getByText(/\d+ of \d+ backups? up to date · .* held/).waitFor();
  await pictures(page, PORTAL_SHOTS, "backups");
});

test("what a person should look at can be shown alone", async () => {
  await page.getByText(/^To look at \d+$/).click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get("show") === "look");
  await repository().waitFor({ state: "detached" });
  await page.getByText(/^All \d+$/).click();
  await repository().waitFor();
});

test("a check begins, and how it ended shows by itself", { skip: !PORTAL_WORK }, async () => {
  await actions().click();
  await page.getByRole("menuitem", { name: "Check" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Begin" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  // That it runs may be over before anybody can look.
  const check = repository().locator('[data-part="check"]');
  await check.getByText(/^(just now|\d+ (s|min) ago)$/).waitFor({ timeout: patience });
  await check.getByText("Sound", { exact: true }).waitFor();
  await repository().getByText("Check runs").waitFor({ state: "detached", timeout: patience });
});

test("a repository's page has its snapshots and what is wanted of it", async () => {
  await repository().getByRole("link", { name: PORTAL_BACKUP, exact: true }).click();
  await page.getByRole("heading", { name: `${PORTAL_BACKUP} of ${PORTAL_MACHINE}`, level: 1 }).waitFor();
  await page.locator("[data-snapshot]").first().waitFor({ timeout: patience });
  await page.getByText("3 last, 7 daily, 5 weekly, 12 monthly, 3 yearly").waitFor();
  await pictures(page, PORTAL_SHOTS, "repository");
});

test("a restore is tried first, tells what it would do, and then is done", async () => {
  await page
    .locator("[data-snapshot]")
    .first()
    .getByRole("button", { name: /^Restore/ })
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "To machine" }).or(dialog.getByLabel("To machine")).first().waitFor();
  assert.equal(await dialog.getByRole("switch", { name: /^Dry run/ }).isChecked(), true);
  await dialog.getByText("Into a folder", { exact: true }).click();
  await dialog.getByRole("textbox", { name: "Folder" }).fill(PORTAL_FOLDER);
  await dialog.getByText("Some files", { exact: true }).click();
  // Nothing is sent while it is not said which.
  assert.equal(await dialog.getByRole("button", { name: "Start the dry run" }).isDisabled(), true);
  await dialog.getByText("Everything in it", { exact: true }).click();
  await pictures(page, PORTAL_SHOTS, "restore");
  await dialog.getByRole("button", { name: "Start the dry run" }).click();
  await dialog
    .getByRole("status")
    .filter({ hasText: /^Dry run: snapshot .* would restore/ })
    .waitFor({ timeout: patience });
  await dialog.getByLabel("Report", { exact: true }).waitFor();
  // Names of files are text, whatever stands in them.
  assert.equal(await dialog.locator("b", { hasText: "shop" }).count(), 0);
  await pictures(page, PORTAL_SHOTS, "restore-dry");
  await dialog.getByRole("button", { name: "Restore for real" }).click();
  await dialog.getByText("The files are back").waitFor({ timeout: patience });
  await dialog
    .getByRole("status")
    .filter({ hasText: /^Restored \d+ files of snapshot/ })
    .waitFor();
  await pictures(page, PORTAL_SHOTS, "restore-done");
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await dialog.waitFor({ state: "detached" });
});

test("what a restore put on the machine is taken off again", async () => {
  await page.goto(`${PORTAL_URL}/machines/${PORTAL_MACHINE}`);
  await repository().waitFor();
  await page.locator(`[data-installation="${PORTAL_BACKUP}"]`).waitFor();
  await page.locator('[data-installation^="restore-"]').waitFor({ state: "detached", timeout: patience });
});

test("a backup is begun beside its schedule", async () => {
  await actions().click();
  await page.getByRole("menuitem", { name: "Back up now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Back up" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByText(`The backup ${PORTAL_BACKUP} of ${PORTAL_MACHINE} is to begin.`).waitFor();
});

test("a snapshot of the disk is taken, verified and deleted", { skip: !PORTAL_DISK }, async () => {
  const section = page.getByRole("region", { name: "Snapshots" });
  await section.locator("[data-snapshot]").or(section.getByText("None yet")).first().waitFor();
  const before = await section.locator("[data-snapshot]").count();
  await section.getByRole("button", { name: "Take snapshot" }).click();
  await section.locator("[data-snapshot]").nth(before).waitFor();
  await section.getByText("Taking", { exact: true }).waitFor({ state: "detached", timeout: patience });
  const first = section.locator("[data-snapshot]").first();
  await first.getByRole("button", { name: "Verify" }).click();
  await first.getByText(/ · verified$/).waitFor({ timeout: patience });
  await first.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("dialog").getByText("What was written since is lost.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await first.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.waitForFunction((count) => document.querySelectorAll("section [data-snapshot]").length === count, before);
});

test(
  "the machine tells which updates it lacks, and they can be installed at once",
  { skip: !PORTAL_UPDATES },
  async () => {
    const section = page.getByRole("region", { name: "Updates" });
    await section.getByRole("table", { name: "Missing updates" }).getByRole("row").nth(1).waitFor();
    await section.getByRole("button", { name: "Install now" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Install now" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
);

test("the fleet's updates are shown by machine", async () => {
  await page.goto(PORTAL_URL);
  await page.getByRole("link", { name: "Updates", exact: true }).click();
  await page.getByRole("heading", { name: "Updates", level: 1 }).waitFor();
  await page.locator(`[data-updates="${PORTAL_MACHINE}"]`).waitFor();
  await page.getByText(/\d+ of \d+ machines? compliant/).waitFor();
  await pictures(page, PORTAL_SHOTS, "updates");
});

test("on a narrow screen nothing is cut off", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/backups", "/updates", `/machines/${PORTAL_MACHINE}`]) {
    await page.goto(PORTAL_URL + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await repository()
      .or(page.locator(`[data-updates="${PORTAL_MACHINE}"]`))
      .first()
      .waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path} is ${width} wide`);
  }
  await page.goto(`${PORTAL_URL}/backups`);
  await repository().getByRole("link", { name: PORTAL_BACKUP, exact: true }).click();
  await page.locator("[data-snapshot]").first().waitFor({ timeout: patience });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `the repository's page is ${width} wide`);
});

test("the browser had nothing to complain about", () => {
  assert.deepEqual(browser.complaints, []);
});

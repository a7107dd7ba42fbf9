// A browser for smoke tests, which remembers what it complained about.
import { chromium } from "playwright-core";

/** Opens Chromium; complaints are also everything that the content security policy refused, except at the expected addresses. */
export async function startBrowser(expected) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--headless", "--disable-gpu"],
  });
  const complaints = [];
  return {
    complaints,
    close: () => browser.close(),
    open: async () => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      // Long enough for a host that does much else; nothing waits for it when all is well.
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (line) => {
        // Chromium logs every answer that is an error, also those that are asked for.
        const asked = expected.some((address) => address.test(line.location().url));
        if (line.type() === "error" && !asked) {
          complaints.push(`${line.text()} ${line.location().url}`);
        }
      });
      return page;
    },
  };
}

/** Pictures for people, at both widths and in both colour schemes; none when there is no folder. */
export async function pictures(page, folder, name) {
  if (!folder) {
    return;
  }
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen, type ListeningServer } from "../../../local/stack/http-server.ts";
import { renderMail } from "../../../src/features/email/render.ts";
import type { MailContent } from "../../../src/shared/mail.ts";
import { hostileMails, sampleMails } from "../../support/mails.ts";
import { launchBrowser, type TestBrowser } from "../../support/node/browser.ts";

const VIEWPORTS = { desktop: { width: 1280, height: 900 }, phone: { width: 320, height: 640 } };
const TEST_TIMEOUT_MS = 60_000;
const TOKEN = `v1.${"a".repeat(36)}.${"b".repeat(36)}.${"c".repeat(43)}`;
/** WCAG AA for text. */
const ENOUGH_CONTRAST = 4.5;

let server: ListeningServer;
let browser: TestBrowser;
const mails = [...sampleMails, ...hostileMails];
/** Links lead to the server that shows the mails, so that one which is followed by itself would be seen. */
const htmlOf = (content: MailContent): string => renderMail(content, { appUrl: server.url, token: TOKEN }).html;

beforeAll(async () => {
  // As bare as a mail program's view may be: no policy of ours stops a script or a picture here, only escaping does.
  server = await listen(async (request, response) => {
    const content = mails[Number(/^\/mails\/(\d+)$/.exec(request.url ?? "")?.[1] ?? Number.NaN)];
    response.writeHead(content === undefined ? 204 : 200, { "content-type": "text/html; charset=utf-8" });
    response.end(content === undefined ? "" : htmlOf(content));
  });
  browser = await launchBrowser();
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await Promise.all([browser?.close(), server?.close()]);
}, TEST_TIMEOUT_MS);

describe.each(["desktop", "phone"] as const)("mails in Chromium at %s width", (width) => {
  it.each(sampleMails.map((content, index) => ({ index, ...content })))(
    "$template is readable, and its link is there and right",
    { timeout: TEST_TIMEOUT_MS },
    async ({ index, template }) => {
      const { page, problems } = await browser.open(`${server.url}/mails/${index}`, VIEWPORTS[width]);
      await expectNoSidewaysScroll(page);
      const links = page.locator("a");
      expect(await links.count()).toBe(2);
      const addresses = await links.evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
      expect(new Set(addresses).size).toBe(1);
      expect(addresses[0]?.startsWith(`${server.url}/`)).toBe(true);
      for (const link of await links.all()) {
        const box = await link.boundingBox();
        expect(box!.x).toBeGreaterThanOrEqual(0);
        expect(box!.x + box!.width).toBeLessThanOrEqual(VIEWPORTS[width].width);
      }
      // The address can be read and copied as it is.
      expect(await links.last().innerText()).toBe(addresses[0]);
      expect((await links.first().boundingBox())!.height).toBeGreaterThanOrEqual(44);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect([colorScheme, await leastContrast(page)]).toEqual([colorScheme, expect.toSatisfy(isEnough)]);
        await keepPicture(page, `mail-${index}-${template}-${width}-${colorScheme}`);
      }
      expect(problems.foreignRequests).toEqual([]);
      expect([...problems.consoleErrors, ...problems.pageErrors]).toEqual([]);
    },
  );

  it("hostile words run nothing, fetch nothing and break no line", { timeout: TEST_TIMEOUT_MS * 2 }, async () => {
    for (const index of hostileMails.keys()) {
      const { page, problems } = await browser.open(
        `${server.url}/mails/${sampleMails.length + index}`,
        VIEWPORTS[width],
      );
      await page.mouse.move(100, 200);
      await page.waitForLoadState("networkidle");
      expect(await page.evaluate(() => "wasAttacked" in globalThis)).toBe(false);
      expect(await page.locator("script, img, svg, iframe, [onmouseover]").count()).toBe(0);
      await expectNoSidewaysScroll(page);
      expect([...problems.foreignRequests, ...problems.pageErrors]).toEqual([]);
      await page.close();
    }
  });
});

it("a mail that does run a script is noticed by this test", { timeout: TEST_TIMEOUT_MS }, async () => {
  const { page } = await browser.open(`${server.url}/mails/0`, VIEWPORTS.phone);
  await page.setContent("<script>globalThis.wasAttacked = true</script>");
  expect(await page.evaluate(() => "wasAttacked" in globalThis)).toBe(true);
});

const isEnough = (contrast: unknown): boolean => typeof contrast === "number" && contrast >= ENOUGH_CONTRAST;

/** The lowest contrast of any visible text with what is behind it (WCAG 2: relative luminance). */
async function leastContrast(page: Page): Promise<number> {
  return page.evaluate(() => {
    const rgb = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: string) => {
      const [r = 0, g = 0, b = 0] = rgb(color).map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): string => {
      for (let e = element; e !== null; e = e.parentElement) {
        const { backgroundColor } = getComputedStyle(e);
        if (rgb(backgroundColor)[3] !== 0) return backgroundColor;
      }
      return "rgb(255, 255, 255)";
    };
    const contrasts = [...document.querySelectorAll("p, a")]
      .filter((element) => element.getClientRects().length > 0 && element.textContent !== "")
      .map((element) => {
        const [one, two] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
        return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
      });
    return Math.min(...contrasts);
  });
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(excess).toBeLessThanOrEqual(0);
}

/** Pictures are for people: ETTER_SCREENSHOTS names the folder that gets them. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env["ETTER_SCREENSHOTS"];
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

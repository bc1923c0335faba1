import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { demoPassword } from "../../../local/demo-data.ts";
import { PROJECT_FOLDER } from "../../../local/dev/places.ts";
import { startDevServer, type DevServer } from "../../../local/dev/server.ts";
import { launchBrowser, type TestBrowser } from "../../support/node/browser.ts";

const COOKIE = "__Host-etter_refresh";

let root: string;
let server: DevServer;
let browser: TestBrowser;

beforeAll(async () => {
  const folder = path.join(PROJECT_FOLDER, ".data/e2e");
  mkdirSync(folder, { recursive: true });
  root = mkdtempSync(path.join(folder, "cookie-"));
  server = await startDevServer({ root, quiet: true });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Posts from the page, as its scripts would. */
const post = (page: Page, url: string, body: object): Promise<Answer> =>
  page.evaluate(
    async ([address, text]) => {
      const response = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: text,
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    [url, JSON.stringify(body)] as const,
  );

it("a page of the API's own origin keeps its session over a reload and in a second tab, out of reach of scripts, on http://127.0.0.1", async () => {
  const home = `${server.url}/docs/etter`;
  const { page } = await browser.open(home, { width: 1280, height: 800 });
  const credentials = { email: "researcher@demo.example", password: demoPassword(), session: "cookie" };
  const signedIn = await post(page, "/api/etter/auth/login", credentials);
  expect(signedIn.status).toBe(200);
  expect(signedIn.body).not.toHaveProperty("refresh_token");
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ name: COOKIE, httpOnly: true, secure: true, sameSite: "Strict", path: "/" });
  expect(await page.evaluate(() => document.cookie)).toBe("");

  await page.reload();
  expect((await post(page, "/api/etter/auth/refresh", { session: "cookie" })).status).toBe(200);
  const tab = await page.context().newPage();
  await tab.goto(home);
  const refreshed = await post(tab, "/api/etter/auth/refresh", { session: "cookie" });
  expect(refreshed.status).toBe(200);
  const [rotated] = await page.context().cookies();
  expect(rotated?.value).not.toBe(cookie?.value);

  // Under another name of the same machine it is another origin, and the cookie stays at home.
  const elsewhere = await page.context().newPage();
  await elsewhere.goto(home.replace("127.0.0.1", "localhost"));
  expect((await post(elsewhere, "/api/etter/auth/refresh", { session: "cookie" })).status).toBe(403);

  const status = await tab.evaluate(
    async (token) =>
      (
        await fetch("/api/etter/auth/logout", {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
          body: "{}",
        })
      ).status,
    String(refreshed.body["access_token"]),
  );
  expect(status).toBe(204);
  expect(await page.context().cookies()).toEqual([]);
});

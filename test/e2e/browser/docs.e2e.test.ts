import path from "node:path";

import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { demoPassword } from "../../../local/demo-data.ts";
import { type DevServer, startDevServer } from "../../../local/dev/server.ts";
import { launchBrowser, type PageProblems, PUBLIC_LOOKING_HOST, type TestBrowser } from "../../support/node/browser.ts";

const ROOT = ".data/e2e-browser";
const VIEWPORTS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const NO_PROBLEMS: PageProblems = {
  consoleErrors: [],
  pageErrors: [],
  cspViolations: [],
  foreignRequests: [],
  failedRequests: [],
};
const METHODS = ["get", "put", "post", "delete", "patch"] as const;
/** ReDoc gathers what it would report for 5 s; the page's clock is set forward by more. */
const TELEMETRY_DELAY_MS = 30_000;
const START_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = 60_000;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly tags: readonly string[];
}

let server: DevServer;
let browser: TestBrowser;
let operations: Operation[];

beforeAll(async () => {
  server = await startDevServer({ root: ROOT, fresh: true, quiet: true });
  browser = await launchBrowser();
  operations = await readOperations(server.url);
}, START_TIMEOUT_MS);

afterAll(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
}, START_TIMEOUT_MS);

describe.each(["desktop", "phone"] as const)("documentation pages in Chromium at %s width", (width) => {
  it("show every operation in Swagger UI", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { page, problems } = await browser.open(`${server.url}/docs/etter`, VIEWPORTS[width]);
    await page.locator(".opblock").first().waitFor();
    const shown = await page.locator(".opblock").evaluateAll((blocks) =>
      blocks.map((block) => {
        const method = block.querySelector(".opblock-summary-method")?.textContent?.toLowerCase();
        return `${method} ${block.querySelector(".opblock-summary-path")?.getAttribute("data-path")}`;
      }),
    );
    expect(shown.toSorted()).toEqual(operations.map(({ method, path: route }) => `${method} ${route}`).toSorted());
    await expectNoSidewaysScroll(page);
    await keepPicture(page, `swagger-${width}`);
    expect(problems).toEqual(NO_PROBLEMS);
  });

  it("show every tag in ReDoc's menu", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { page, problems } = await browser.open(`${server.url}/redoc`, VIEWPORTS[width]);
    await page.locator("#redoc h1").waitFor();
    await expectNoSidewaysScroll(page);
    await keepPicture(page, `redoc-${width}`);
    if (width === "phone") await page.getByRole("button", { name: "Open navigation menu" }).click();
    for (const tag of tagsOf(operations)) await menuEntry(page, tag).waitFor();
    await keepPicture(page, `redoc-menu-${width}`);
    expect(problems).toEqual(NO_PROBLEMS);
  });
});

describe("documentation pages at a public name", () => {
  // At localhost a viewer leaves out what it would send to its maker, as ReDoc does with telemetry.
  it.each([
    ["/docs/etter", ".opblock"],
    ["/redoc", "#redoc h1"],
  ])("load nothing from elsewhere at %s", { timeout: TEST_TIMEOUT_MS }, async (route, landmark) => {
    const address = new URL(route, server.url);
    address.hostname = PUBLIC_LOOKING_HOST;
    const { page, problems } = await browser.open(new URL("/favicon.svg", address).href, VIEWPORTS.desktop);
    await page.clock.install();
    await page.goto(address.href);
    await page.locator(landmark).first().waitFor();
    await page.clock.runFor(TELEMETRY_DELAY_MS);
    await page.waitForLoadState("networkidle");
    // Not the console: over plain HTTP at such a name Chromium grumbles about Cross-Origin-Opener-Policy.
    const { cspViolations, foreignRequests, pageErrors } = problems;
    expect([...cspViolations, ...foreignRequests, ...pageErrors]).toEqual([]);
  });
});

describe("Swagger UI in Chromium", () => {
  it("tries a call on its own origin", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { page, problems } = await browser.open(`${server.url}/docs/etter`, VIEWPORTS.desktop);
    const answered = page.waitForResponse(`${server.url}/api/etter/test`);
    const block = await execute(page, "/api/etter/test");
    expect((await answered).status()).toBe(200);
    const shown = block.locator(".live-responses-table .response .response-col_status");
    expect((await shown.first().innerText()).trim()).toMatch(/^200/);
    await keepPicture(page, "swagger-try-it-out");
    expect(problems).toEqual(NO_PROBLEMS);
  });

  it("calls with the token typed into Authorize, and forgets it on reload", { timeout: TEST_TIMEOUT_MS }, async () => {
    const token = await signIn();
    const { page, problems } = await browser.open(`${server.url}/docs/etter`, VIEWPORTS.desktop);
    await authorize(page, token);
    await keepPicture(page, "swagger-authorized");
    const answered = page.waitForResponse(`${server.url}/api/etter/users/me`);
    await execute(page, "/api/etter/users/me");
    expect((await answered).status()).toBe(200);
    await page.reload();
    await page.locator(".authorization__btn").first().waitFor();
    expect(await page.getByRole("button", { name: "authorization button locked" }).count()).toBe(0);
    expect(problems).toEqual(NO_PROBLEMS);
  });

  it("is held to its policy: no inline script, nothing from elsewhere", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { page, problems } = await browser.open(`${server.url}/docs/etter`, VIEWPORTS.desktop);
    await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'injected'";
      document.head.append(script);
      await new Promise((resolve) => {
        const image = document.createElement("img");
        image.addEventListener("error", resolve);
        image.src = "https://example.com/pixel.png";
      });
    });
    expect(await page.title()).not.toBe("injected");
    expect(problems.cspViolations.map((violation) => violation.replace(/ at .*$/, ""))).toEqual([
      "script-src-elem stopped inline",
      "img-src stopped https://example.com/pixel.png",
    ]);
    expect(problems.consoleErrors).toHaveLength(2);
  });

  it("opens an operation by its address", { timeout: TEST_TIMEOUT_MS }, async () => {
    const first = await browser.open(`${server.url}/docs/etter`, VIEWPORTS.desktop);
    await openOperation(first.page, "/api/etter/test");
    await first.page.waitForURL(/#\/.+/);
    const second = await browser.open(first.page.url(), VIEWPORTS.desktop);
    const opened = second.page.locator(".opblock.is-open .opblock-summary-path");
    await opened.waitFor();
    expect(await opened.getAttribute("data-path")).toBe("/api/etter/test");
    expect(second.problems).toEqual(NO_PROBLEMS);
  });
});

describe("ReDoc in Chromium", () => {
  it("shows the operations of a tag in its menu, at the tag's own address", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { page } = await browser.open(`${server.url}/redoc`, VIEWPORTS.desktop);
    for (const tag of tagsOf(operations)) {
      const address = await page.getByRole("link", { name: tag, exact: true }).first().getAttribute("href");
      const opened = await browser.open(`${server.url}/redoc${address}`, VIEWPORTS.desktop);
      const entries = operations.filter(({ tags }) => tags.includes(tag));
      for (const { summary } of entries) await menuEntry(opened.page, summary).waitFor();
      await keepPicture(opened.page, `redoc-tag-${tag}`);
      expect(opened.problems).toEqual(NO_PROBLEMS);
    }
  });

  it("finds an operation by its summary", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { page, problems } = await browser.open(`${server.url}/redoc`, VIEWPORTS.desktop);
    const wanted = operations.find(({ path: route }) => route === "/api/etter/test")?.summary ?? "";
    await page.getByTestId("search-trigger").click();
    await page.getByPlaceholder(/search/i).fill(wanted);
    await page
      .locator('[data-component-name="Search/SearchItem"]')
      .filter({ hasText: "/api/etter/test" })
      .first()
      .click();
    await page.waitForURL(/#\/.+/);
    await keepPicture(page, "redoc-found");
    expect(problems).toEqual(NO_PROBLEMS);
  });
});

describe("files beside the pages", () => {
  it("have a favicon by both names", async () => {
    for (const name of ["favicon.ico", "favicon.svg"]) {
      const response = await fetch(`${server.url}/${name}`);
      expect([name, response.status]).toEqual([name, 200]);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      await response.arrayBuffer();
    }
  });

  it("are kept for good under names that carry their content, and a wrong name is not", async () => {
    const html = await (await fetch(`${server.url}/docs/etter`)).text();
    const names = [...html.matchAll(/"(\/docs-assets\/[^"]+)"/g)].map(([, name]) => name ?? "");
    expect(names.length).toBeGreaterThanOrEqual(4);
    for (const name of names) {
      const response = await fetch(server.url + name);
      expect([name, response.status]).toEqual([name, 200]);
      expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      await response.arrayBuffer();
    }
    const missing = await fetch(`${server.url}/docs-assets/swagger-ui.000000000000.js`);
    expect(missing.status).toBe(404);
    expect(missing.headers.get("cache-control") ?? "").not.toContain("max-age");
    await missing.arrayBuffer();
  });

  it("have the same policy on a page and on the 304 that keeps it", async () => {
    for (const [route, styles] of [
      ["/docs/etter", "style-src 'self'"],
      ["/redoc", "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
    ]) {
      const page = await fetch(server.url + route);
      await page.arrayBuffer();
      const kept = await fetch(server.url + route, { headers: { "If-None-Match": page.headers.get("etag") ?? "" } });
      expect([route, page.status, kept.status]).toEqual([route, 200, 304]);
      const policy = page.headers.get("content-security-policy") ?? "";
      expect(policy.split("; ")).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", styles]));
      expect(policy).not.toContain("unsafe");
      expect(kept.headers.get("content-security-policy")).toBe(policy);
    }
  });

  it("answer / with the way to the docs, and an unchanged document with 304", async () => {
    const root = await fetch(`${server.url}/`, { redirect: "manual" });
    expect([root.status, root.headers.get("location")]).toEqual([302, "/docs/etter"]);
    const first = await fetch(`${server.url}/openapi.json`);
    const tag = first.headers.get("etag") ?? "";
    expect(tag).toMatch(/^"[0-9a-f]{64}"$/);
    expect(((await first.json()) as { openapi: string }).openapi).toMatch(/^3\.1\./);
    for (const [known, status] of [
      [tag, 304],
      [`"other", W/${tag}`, 304],
      ['"other"', 200],
    ] as const) {
      const again = await fetch(`${server.url}/openapi.json`, { headers: { "If-None-Match": known } });
      expect([known, again.status]).toEqual([known, status]);
      await again.arrayBuffer();
    }
  });
});

async function readOperations(url: string): Promise<Operation[]> {
  const response = await fetch(`${url}/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, Partial<Operation>>> };
  return Object.entries(paths).flatMap(([route, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      return [{ method, path: route, summary: operation.summary ?? route, tags: operation.tags ?? ["default"] }];
    }),
  );
}

function tagsOf(all: readonly Operation[]): Set<string> {
  return new Set(all.flatMap(({ tags }) => tags));
}

function menuEntry(page: Page, text: string): Locator {
  const menu = page.locator('[data-component-name="Menu/Menu"]').filter({ visible: true });
  return menu.getByText(text, { exact: true }).filter({ visible: true }).first();
}

async function signIn(): Promise<string> {
  const response = await fetch(`${server.url}/api/etter/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "researcher@demo.example", password: demoPassword() }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { access_token: string }).access_token;
}

async function authorize(page: Page, token: string): Promise<void> {
  await page.getByRole("button", { name: "Authorize" }).click();
  const dialog = page.locator(".dialog-ux .modal-ux");
  const bearer = dialog.locator(".auth-container", { hasText: "(http, Bearer)" });
  await bearer.locator("input").fill(token);
  await keepPicture(page, "swagger-authorize-dialog");
  await bearer.getByRole("button", { name: "Apply credentials" }).click();
  await bearer.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "authorization button locked" }).first().waitFor();
}

async function openOperation(page: Page, route: string): Promise<Locator> {
  const block = page.locator(".opblock", { has: page.locator(`[data-path="${route}"]`) }).first();
  await block.locator(".opblock-summary-control").click();
  return block;
}

async function execute(page: Page, route: string): Promise<Locator> {
  const block = await openOperation(page, route);
  await block.getByRole("button", { name: "Execute" }).click();
  return block;
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(excess).toBeLessThanOrEqual(0);
}

/** Pictures are for people: ETTER_SCREENSHOTS names the folder that gets them. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env["ETTER_SCREENSHOTS"];
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

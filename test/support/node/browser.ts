import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import bundledChromium from "@sparticuz/chromium";
import { type Browser, chromium, type Page } from "playwright-core";

/** Leads to this machine: some scripts are on their best behaviour at localhost only. */
export const PUBLIC_LOOKING_HOST = "etter.example.com";

/** Never the package's own `args`: they switch web security off, and a page that must fail would pass. */
const CHROMIUM_ARGS = [
  `--host-resolver-rules=MAP ${PUBLIC_LOOKING_HOST} 127.0.0.1`,
  "--headless=shell",
  "--no-sandbox",
  "--disable-gpu",
  "--hide-scrollbars",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const LAUNCH_TIMEOUT_MS = 30_000;
const PAGE_TIMEOUT_MS = 20_000;
const DEBIAN_PACKAGES = "libnss3 libnspr4 libexpat1";

/** What went wrong on a page, in words; every list is empty for a page in order. */
export interface PageProblems {
  /** Messages of console.error, with the address they came from. */
  readonly consoleErrors: string[];
  /** Uncaught exceptions and unhandled rejections. */
  readonly pageErrors: string[];
  /** Content-Security-Policy violations: the directive and what it stopped. */
  readonly cspViolations: string[];
  /** Requests to any origin but the page's own. */
  readonly foreignRequests: string[];
  /** Requests that got no answer, or one of 400 and above. */
  readonly failedRequests: string[];
}

export interface ObservedPage {
  readonly page: Page;
  readonly problems: PageProblems;
}

export interface TestBrowser {
  /** Opens `url` in a fresh profile, and watches it from before its first byte. */
  open(url: string, viewport: { width: number; height: number }): Promise<ObservedPage>;
  close(): Promise<void>;
}

/**
 * Starts the Chromium that @sparticuz/chromium carries (Linux on x64), unpacked into a folder of this run alone.
 *
 * @throws Error saying what to install, when the machine lacks the libraries Chromium needs.
 */
export async function launchBrowser(): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), "etter-browser-"));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  let browser: Browser;
  try {
    browser = await startChromium(folder);
  } catch (error) {
    await removeFolder();
    throw error;
  }
  return {
    open: (url, viewport) => openObserved(browser, url, viewport),
    close: async () => {
      await browser.close();
      await removeFolder();
    },
  };
}

async function startChromium(folder: string): Promise<Browser> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`The browser tests need Linux on x64, not ${process.platform} on ${process.arch}: run them in CI.`);
  }
  const before = process.env["TMPDIR"];
  // The package unpacks into os.tmpdir(), and takes whatever is called "chromium" there for its own.
  process.env["TMPDIR"] = folder;
  try {
    const executablePath = await bundledChromium.executablePath();
    const fontconfigFile = join(folder, "fonts.conf");
    await writeFile(fontconfigFile, bundledFontsOnly(folder));
    return await chromium.launch({
      executablePath,
      args: CHROMIUM_ARGS,
      timeout: LAUNCH_TIMEOUT_MS,
      env: { ...process.env, TMPDIR: folder, HOME: folder, FONTCONFIG_FILE: fontconfigFile },
    });
  } catch (error) {
    throw explainLaunchFailure(error);
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}

/** Chromium dies at its first letter on a machine without fonts; these make a picture the same on every machine too. */
function bundledFontsOnly(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts/fonts")}</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`;
}

/** The loader names the first missing library only; the sentence names all the packages that hold them. */
export function explainLaunchFailure(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const library = /error while loading shared libraries: (\S+?):/.exec(message)?.[1];
  if (!library) return error instanceof Error ? error : new Error(message);
  return new Error(
    `Chromium cannot start: ${library} is missing. On Debian or Ubuntu: apt-get install -y ${DEBIAN_PACKAGES}`,
    { cause: error },
  );
}

async function openObserved(
  browser: Browser,
  url: string,
  viewport: { width: number; height: number },
): Promise<ObservedPage> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  const problems = await observe(page, new URL(url).origin);
  await page.goto(url, { waitUntil: "load" });
  return { page, problems };
}

async function observe(page: Page, origin: string): Promise<PageProblems> {
  const problems: PageProblems = {
    consoleErrors: [],
    pageErrors: [],
    cspViolations: [],
    foreignRequests: [],
    failedRequests: [],
  };
  page.on("console", (message) => {
    if (message.type() === "error") problems.consoleErrors.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => problems.pageErrors.push(error.stack ?? error.message));
  page.on("request", (request) => {
    const target = new URL(request.url());
    const carried = target.protocol === "data:" || target.protocol === "blob:";
    if (!carried && target.origin !== origin) problems.foreignRequests.push(request.url());
  });
  page.on("requestfailed", (request) => {
    problems.failedRequests.push(`${request.url()}: ${request.failure()?.errorText ?? "no answer"}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.failedRequests.push(`${response.url()}: ${response.status()}`);
  });
  await page.exposeFunction("reportCspViolation", (text: string) => problems.cspViolations.push(text));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as unknown as { reportCspViolation: (text: string) => void }).reportCspViolation;
      report(`${event.violatedDirective} stopped ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return problems;
}

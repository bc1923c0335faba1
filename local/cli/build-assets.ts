import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { transform } from "esbuild";

import { PROJECT_FOLDER, runTool, Sentence } from "../dev/places.ts";

const OUTPUT_FOLDER = join(PROJECT_FOLDER, "public/docs-assets");
const STAMP_FILE = join(OUTPUT_FOLDER, ".stamp.json");
const NAMES_FILE = join(PROJECT_FOLDER, "src/http/docs-assets.ts");
const URL_PREFIX = "/docs-assets/";
const HASH_CHARACTERS = 12;
const WHERE_TO_MEND = "look at what its new version loads, and mend the list in local/cli/build-assets.ts.";

/** Everything that decides what comes out. */
const INPUTS = {
  script: "local/cli/build-assets.ts",
  compiler: "node_modules/esbuild/package.json",
  swaggerBundle: "node_modules/swagger-ui-dist/swagger-ui-bundle.js",
  swaggerStyles: "node_modules/swagger-ui-dist/swagger-ui.css",
  swaggerLicense: "node_modules/swagger-ui-dist/LICENSE",
  swaggerNotice: "node_modules/swagger-ui-dist/NOTICE",
  swaggerBundleLicenses: "node_modules/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt",
  redocBundle: "node_modules/redoc/bundles/redoc.standalone.js",
  redocLicense: "node_modules/redoc/LICENSE",
  redocWordmark: "console/docs/redoc-wordmark.svg",
  redocLetter: "console/docs/redoc-letter.svg",
  swaggerStart: "console/docs/swagger.ts",
  redocStart: "console/docs/redoc.ts",
  pageStyles: "console/docs/docs.css",
} as const;

type InputName = keyof typeof INPUTS;
type Inputs = Record<InputName, Buffer>;
type Outputs = Map<string, string | Buffer>;

interface Stamp {
  readonly fingerprint: string;
  readonly files: readonly string[];
  readonly names: string;
}

/**
 * Copies the documentation viewers and their start scripts from node_modules and console/docs into
 * public/docs-assets under names that carry a hash of the content, and writes those names to
 * src/http/docs-assets.ts. Does nothing when the result is current; reads only local files.
 *
 * @throws Sentence when a dependency is not installed, or a viewer's new version no longer holds what is rewritten here.
 */
export async function buildAssets(): Promise<void> {
  const inputs = await readInputs();
  const fingerprint = fingerprintOf(inputs);
  if (await isCurrent(fingerprint)) return;

  const { outputs, names } = await render(inputs);
  await mkdir(OUTPUT_FOLDER, { recursive: true });
  for (const [name, content] of outputs) await replaceFile(join(OUTPUT_FOLDER, name), content);
  await replaceFile(NAMES_FILE, names);
  await removeAllBut(new Set(outputs.keys()));
  const stamp: Stamp = { fingerprint, files: [...outputs.keys()], names };
  await replaceFile(STAMP_FILE, JSON.stringify(stamp));
}

async function readInputs(): Promise<Inputs> {
  const entries = Object.entries(INPUTS) as [InputName, string][];
  const contents = await Promise.all(
    entries.map(async ([name, path]) => {
      const content = await readFile(join(PROJECT_FOLDER, path)).catch((cause: unknown) => {
        throw new Sentence(`${path} cannot be read: run "npm ci" and try again.`, { cause });
      });
      return [name, content] as const;
    }),
  );
  return Object.fromEntries(contents) as Inputs;
}

function fingerprintOf(inputs: Inputs): string {
  const hash = createHash("sha256");
  for (const content of Object.values(inputs)) hash.update(`${content.length}:`).update(content);
  return hash.digest("hex");
}

async function isCurrent(fingerprint: string): Promise<boolean> {
  try {
    const stamp = JSON.parse(await readFile(STAMP_FILE, "utf8")) as Stamp;
    if (stamp.fingerprint !== fingerprint || stamp.names !== (await readFile(NAMES_FILE, "utf8"))) return false;
    await Promise.all(stamp.files.map((name) => access(join(OUTPUT_FOLDER, name))));
    return true;
  } catch {
    // A missing or broken stamp or file means the same thing: build again.
    return false;
  }
}

async function render(inputs: Inputs): Promise<{ outputs: Outputs; names: string }> {
  const outputs: Outputs = new Map();
  const add = (stem: string, extension: string, content: string): string => {
    const hash = createHash("sha256").update(content).digest("hex").slice(0, HASH_CHARACTERS);
    const name = `${stem}.${hash}.${extension}`;
    outputs.set(name, content);
    return URL_PREFIX + name;
  };
  const bundle = replaceAddresses(inputs.redocBundle.toString(), {
    "https://cdn.redoc.ly/redoc/logo-mini-full.svg": add("redoc-wordmark", "svg", inputs.redocWordmark.toString()),
    "https://cdn.redoc.ly/redoc/logo-mini.svg": add("redoc-letter", "svg", inputs.redocLetter.toString()),
    // Only for icons that an API description names; ours names none.
    "https://cdn.redocly.com/icons/": `${URL_PREFIX}icons/`,
  });
  const redocUrl = add("redoc", "js", bundle);
  const urls = {
    pageStyles: add("docs", "css", inputs.pageStyles.toString()),
    swaggerStyles: add("swagger-ui", "css", withoutSourceMap(inputs.swaggerStyles.toString())),
    swaggerBundle: add("swagger-ui", "js", inputs.swaggerBundle.toString()),
    swaggerStart: add("swagger-start", "js", await toJavaScript(inputs.swaggerStart.toString())),
    redocStart: add("redoc-start", "js", pointAt(redocUrl, await toJavaScript(inputs.redocStart.toString()))),
  };
  outputs.set("LICENSE.swagger-ui.txt", Buffer.concat([inputs.swaggerNotice, inputs.swaggerLicense]));
  outputs.set("LICENSE.swagger-ui-parts.txt", inputs.swaggerBundleLicenses);
  outputs.set("LICENSE.redoc.txt", inputs.redocLicense);
  return { outputs, names: namesModule(urls) };
}

/** ReDoc loads the mark in its footer from its maker's CDN: every such address becomes one of our own origin. */
function replaceAddresses(bundle: string, replacements: Record<string, string>): string {
  let result = bundle;
  for (const [address, ours] of Object.entries(replacements)) {
    if (!result.includes(address)) throw new Sentence(`ReDoc no longer loads ${address}: ${WHERE_TO_MEND}`);
    result = result.replaceAll(address, ours);
  }
  const left = /https?:\/\/cdn\.[\w./-]+/.exec(result);
  if (left) throw new Sentence(`ReDoc would load ${left[0]} from another origin: ${WHERE_TO_MEND}`);
  return result;
}

function withoutSourceMap(styles: string): string {
  return styles.replace(/\/\*# sourceMappingURL=.*?\*\/\s*$/, "");
}

async function toJavaScript(source: string): Promise<string> {
  return (await transform(source, { loader: "ts", target: "es2022" })).code;
}

function pointAt(redocUrl: string, script: string): string {
  const specifier = '"redoc/bundles/redoc.standalone.js"';
  if (!script.includes(specifier)) throw new Sentence(`console/docs/redoc.ts no longer imports ${specifier}.`);
  return script.replace(specifier, JSON.stringify(redocUrl));
}

function namesModule(urls: Record<string, string>): string {
  const lines = Object.entries(urls).map(([key, url]) => `  ${key}: ${JSON.stringify(url)},`);
  return [
    "// Written by `npm run build:assets`; commit it with the change that caused it.",
    "export const docsAssets = {",
    ...lines,
    "} as const;",
    "",
  ].join("\n");
}

/** By renaming, so that a server or a second build that runs meanwhile never sees half a file. */
async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

async function removeAllBut(kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(OUTPUT_FOLDER)) {
    // A temporary file belongs to a build that runs beside this one.
    if (!kept.has(name) && !name.endsWith(".tmp"))
      await rm(join(OUTPUT_FOLDER, name), { recursive: true, force: true });
  }
}

if (import.meta.main) {
  await runTool(async () => {
    await buildAssets();
    console.log(`Docs assets are current in ${relative(process.cwd(), OUTPUT_FOLDER)}.`);
  });
}

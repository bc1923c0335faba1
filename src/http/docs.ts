import { swaggerUI } from "@hono/swagger-ui";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Env, Hono, MiddlewareHandler, Schema } from "hono";
import { etag } from "hono/etag";

import { docsAssets } from "./docs-assets.ts";

export interface DocsOptions {
  /** Makes the OpenAPI 3.1 document; called once, at the first request for it. */
  readonly openApi: () => object;
}

const SWAGGER_PATH = "/docs/etter";
const REDOC_PATH = "/redoc";
const DOCUMENT_PATH = "/openapi.json";

/** SHA-256 of nothing, in base64: ReDoc's style library inserts an empty style element and fills it by the CSSOM. */
const EMPTY_STYLE_HASH = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/** What each page may load and do; the reason for every directive is in docs/design/docs-pages.md. */
const CLOSED_PAGE = {
  "default-src": "'none'",
  "script-src": "'self'",
  "connect-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
};
const SWAGGER_POLICY = policy({ ...CLOSED_PAGE, "style-src": "'self'", "img-src": "'self' data:" });
const REDOC_POLICY = policy({
  ...CLOSED_PAGE,
  "style-src": `'self' ${EMPTY_STYLE_HASH}`,
  "img-src": "'self'",
  "font-src": "data:",
});

const NO_SCRIPT = `<noscript><p class="docs-note">This page needs JavaScript. The same description, for machines and patient people: <a href="${DOCUMENT_PATH}">${DOCUMENT_PATH}</a>.</p></noscript>`;

const SWAGGER_BODY = `
    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="${docsAssets.swaggerStyles}" />
    <link rel="stylesheet" href="${docsAssets.pageStyles}" />
    <header class="docs-bar">
      <img src="/favicon.svg" width="28" height="28" alt="" />
      <strong>Etter API</strong>
      <a href="${REDOC_PATH}">Reference</a>
    </header>
    <main id="swagger-ui"></main>
    ${NO_SCRIPT}
    <script src="${docsAssets.swaggerBundle}" defer></script>
    <script type="module" src="${docsAssets.swaggerStart}"></script>`;

const REDOC_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Etter API · ReDoc</title>
    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="${docsAssets.pageStyles}" />
  </head>
  <body>
    <div id="redoc"></div>
    ${NO_SCRIPT}
    <script type="module" src="${docsAssets.redocStart}"></script>
  </body>
</html>
`;

/**
 * Adds the API's documentation: GET /docs/etter (Swagger UI), GET /redoc (ReDoc), GET /openapi.json with a
 * strong ETag, and a redirect from / to the first. All are open; nothing on them comes from another origin.
 * The pages set their own Content-Security-Policy: a middleware around them must not replace it.
 */
export function mountDocs<E extends Env, S extends Schema, P extends string>(
  app: Hono<E, S, P>,
  options: DocsOptions,
): void {
  app.get("/", (c) => c.redirect(SWAGGER_PATH, 302));
  app.get(
    SWAGGER_PATH,
    pageHeaders(SWAGGER_POLICY),
    etag(),
    swaggerUI({ url: DOCUMENT_PATH, title: "Etter API · Swagger UI", manuallySwaggerUIHtml: () => SWAGGER_BODY }),
  );
  app.get(REDOC_PATH, pageHeaders(REDOC_POLICY), etag(), (c) => c.html(REDOC_PAGE));
  app.get(DOCUMENT_PATH, serveDocument(options.openApi));
}

function policy(directives: Record<string, string>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`)
    .join("; ");
}

/** Around etag(): a 304 replaces the headers of the page the browser kept, so it needs the same policy as the page. */
function pageHeaders(contentSecurityPolicy: string): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header("Content-Security-Policy", contentSecurityPolicy);
    // The page names its assets by content hash, so it must be asked for anew each time; they need not.
    c.header("Cache-Control", "no-cache");
  };
}

function serveDocument(openApi: () => object): MiddlewareHandler {
  let document: { bytes: Uint8Array<ArrayBuffer>; tag: string } | undefined;
  return async (c) => {
    if (!document) {
      const bytes = new Uint8Array(utf8ToBytes(JSON.stringify(openApi())));
      document = { bytes, tag: `"${bytesToHex(sha256(bytes))}"` };
    }
    c.header("ETag", document.tag);
    c.header("Cache-Control", "no-cache");
    if (namesTag(c.req.header("If-None-Match"), document.tag)) return c.body(null, 304);
    return c.body(document.bytes, 200, { "Content-Type": "application/json" });
  };
}

/** If-None-Match compares weakly: the edge marks a tag W/ when it compresses the body. */
function namesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((candidate) => {
    const bare = candidate.trim().replace(/^W\//, "");
    return bare === tag || bare === "*";
  });
}

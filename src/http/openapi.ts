import type { OpenAPIHono } from "@hono/zod-openapi";
import { groups, may, permissions } from "../shared/access.ts";
import type { AppEnv } from "./request-context.ts";

const introduction = `
Etter simulates how a company changes while it automates, and keeps what stands around that: sign-in, people, companies, documents, an audit.

**First steps.** \`POST /api/etter/auth/login\`, then send the \`access_token\` as \`Authorization: Bearer …\`.
\`POST /api/etter/simulation/v1\` starts a run; \`GET\` its \`Location\` until \`status\` is \`completed\`.

**Errors** are RFC 9457 problem documents; \`code\` is one of a closed list (schema \`Problem\`). 422 names each field.
Every answer carries \`X-Request-Id\`; send your own to find a call again.

**Who may do what**: every operation names its permission (\`x-permission\`), for the own company; where \`x-reach\` is
\`all-companies\`, Super Admins reach every company; where it is \`self\`, everybody what is theirs alone.
`.trim();

/** The OpenAPI 3.1 document of all operations, made from the route definitions. */
export function openApiDocument(app: OpenAPIHono<AppEnv>): object {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The `access_token` of a sign-in.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "adminSecret", {
    type: "apiKey",
    in: "header",
    name: "X-Admin-Secret",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "scannerSignature", {
    type: "apiKey",
    in: "header",
    name: "X-Etter-Signature",
    description: "The malware scanner's, over `X-Etter-Timestamp` and the body.",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Etter API", version: "1.0.0", description: `${introduction}\n\n${permissionTable()}` },
    servers: [{ url: "/", description: "This server" }],
    tags: [
      { name: "Simulation", description: "Simulated futures of a company: start a run, follow it, read its results." },
      { name: "Documents", description: "Upload, find, download, hold and delete documents; folders." },
      { name: "Auth", description: "Signing in." },
      { name: "Users", description: "People and service accounts." },
      { name: "Companies", description: "Tenants: their names and pictures." },
      { name: "Audit", description: "Who did what, when; it can be read and nothing else." },
      { name: "Health", description: "Is the service there, and are its parts?" },
    ],
  });
}

function permissionTable(): string {
  const head = `| permission | ${groups.join(" | ")} |\n| --- |${" --- |".repeat(groups.length)}`;
  const rows = permissions.map(
    (permission) => `| \`${permission}\` | ${groups.map((g) => (may(g, permission) ? "yes" : "")).join(" | ")} |`,
  );
  return [head, ...rows].join("\n");
}

import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Services } from "../container.ts";
import { AppError } from "../shared/errors.ts";
import type { RequestEnv } from "../shared/http.ts";
import { jsonContent, operation } from "../shared/openapi.ts";

const partSchema = z.enum(["up", "down"]);
const readinessSchema = z
  .object({
    status: z.literal("ready"),
    parts: z.object({ postgres: partSchema, redis: partSchema, s3: partSchema }),
    mail: z
      .object({
        waiting: z.int().describe("Mails that are not sent yet, up to 10,000."),
        oldest_seconds: z.int().nullable().describe("How long the oldest of them has waited."),
        dead: z.int().describe("Mails given up in the last 30 days, up to 10,000."),
      })
      .nullable(),
  })
  .openapi("Readiness", {
    example: {
      status: "ready",
      parts: { postgres: "up", redis: "up", s3: "up" },
      mail: { waiting: 2, oldest_seconds: 14, dead: 0 },
    },
  });

const health = operation({
  operationId: "getHealth",
  method: "get",
  path: "/health",
  tags: ["Health"],
  access: "open",
  summary: "Is the Worker there?",
  description: "Answers without asking any other part.",
  responses: {
    200: jsonContent(z.object({ status: z.literal("ok") }).openapi({ example: { status: "ok" } }), "It is."),
  },
});

const ready = operation({
  operationId: "getReadiness",
  method: "get",
  path: "/health/ready",
  tags: ["Health"],
  access: "open",
  summary: "Are Postgres, Redis and S3 there?",
  description:
    "Asks each part; an answer is kept for one second. `mail` tells of mails that wait or were given up; a backlog fails nothing. The 503 is a problem whose member `parts` names what is down.",
  responses: {
    200: jsonContent(readinessSchema, "All parts answer."),
  },
});

const test = operation({
  operationId: "getTest",
  method: "get",
  path: "/api/etter/test",
  tags: ["Health"],
  access: "open",
  summary: "A greeting, to try a connection",
  responses: {
    200: jsonContent(
      z.object({ message: z.string() }).openapi({ example: { message: "Etter is up." } }),
      "The greeting.",
    ),
  },
});

export function healthRoutes() {
  const routes = new OpenAPIHono<RequestEnv<Services>>();
  routes.openapi(health, (c) => c.json({ status: "ok" as const }, 200));
  routes.openapi(test, (c) => c.json({ message: "Etter is up." }, 200));
  routes.openapi(ready, async (c) => {
    const { parts, mail } = await c.var.services.readiness();
    const down = Object.entries(parts).flatMap(([name, state]) => (state === "down" ? [name] : []));
    if (down.length > 0)
      throw new AppError("unavailable", `Not reachable right now: ${down.join(", ")}.`, {
        retryAfterSeconds: 5,
        extensions: { parts },
      });
    const told = mail && { waiting: mail.waiting, oldest_seconds: mail.oldestSeconds, dead: mail.dead };
    return c.json({ status: "ready" as const, parts, mail: told }, 200);
  });
  return routes;
}

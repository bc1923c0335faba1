import { OpenAPIHono, z } from "@hono/zod-openapi";
import { eventStream, eventStreamResponses } from "../../../shared/event-stream.ts";
import { actorOf, type RequestEnv } from "../../../shared/http.ts";
import { idempotencyHeader } from "../../../shared/idempotency.ts";
import { headersOf, jsonBody, jsonContent, operation } from "../../../shared/openapi.ts";
import { fromCursor, toCursor } from "../../../shared/pagination.ts";
import { maxBodyBytes } from "../limits.ts";
import {
  sweepEventsHeader,
  sweepIdSchema,
  sweepInputSchema,
  sweepListQuery,
  sweepMonthsQuery,
  sweepPageSchema,
  sweepSchema,
} from "./schemas.ts";
import type { SweepService } from "./service.ts";
import { fromWireSweepId, sweepSummaryToWire, sweepToWire } from "./wire.ts";

const tags = ["Simulation"];
const byId = z.object({ id: sweepIdSchema });

const create = operation({
  operationId: "createSweep",
  method: "post",
  path: "/",
  tags,
  access: "simulations:write",
  summary: "Start a sweep: the same simulation at several automation factors",
  description:
    "One run for each factor, all on the same seed, so that they are paired: what differs between them is the factor's doing. A few are computed at once; together they count as one of the company's simulations under way. Answers 202 at once with `Location`; read that until `status` is `completed`, or listen to its events. Each run can be read, compared and downloaded like any other.",
  request: { headers: z.object(idempotencyHeader), body: jsonBody(sweepInputSchema) },
  maxBodyBytes,
  problems: ["too_many_runs", "idempotency_key_reused", "over_budget", "rate_limited"],
  responses: {
    202: {
      ...jsonContent(sweepSchema, "The sweep was stored and starts now; or the one that the key made before."),
      headers: headersOf({ Location: "Where the sweep can be read." }),
    },
  },
});

const list = operation({
  operationId: "listSweeps",
  method: "get",
  path: "/",
  tags,
  access: "simulations:read",
  summary: "The company's sweeps, newest first",
  request: { query: sweepListQuery },
  responses: { 200: jsonContent(sweepPageSchema, "A page; stable while sweeps are added.") },
});

const get = operation({
  operationId: "getSweep",
  method: "get",
  path: "/{id}",
  tags,
  access: "simulations:read",
  summary: "A sweep: its progress, and of each factor people, pay and savings with their quantiles at chosen months",
  description:
    "Quantiles as of a run (`?quantiles=` there says how exact they are). What one run has to another, future by future: `/compare?ids=` with the `simulation_id`s.",
  request: { params: byId, query: sweepMonthsQuery },
  problems: ["not_found"],
  responses: { 200: jsonContent(sweepSchema, "The sweep.") },
});

const remove = operation({
  operationId: "deleteSweep",
  method: "delete",
  path: "/{id}",
  tags,
  access: "simulations:write",
  summary: "Delete a sweep with all its runs",
  description: "Those under way are stopped. The audit keeps that it was there.",
  request: { params: byId },
  problems: ["not_found"],
  responses: { 204: { description: "Deleted." } },
});

const events = operation({
  operationId: "getSweepEvents",
  method: "get",
  path: "/{id}/events",
  tags,
  access: "simulations:read",
  summary: "What happens to a sweep, as Server-Sent Events",
  description:
    "`progress` whenever it has moved, then one of `completed`, `failed`, `cancelled` (also when the sweep is deleted), and the stream ends. It ends after five minutes in any case; come back with `Last-Event-ID`. The data of every event is `{status, progress, runs}` as in the sweep.",
  request: { params: byId, headers: sweepEventsHeader },
  problems: ["not_found"],
  responses: eventStreamResponses(
    'id: end\nevent: completed\ndata: {"status":"completed","progress":{"iterations_done":600,"iterations_total":600,"fraction":1},"runs":{"total":3,"completed":3,"failed":0,"cancelled":0}}\n\n',
  ),
});

export function sweepRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ sweeps: SweepService }>>();
  routes.openapi(create, async (c) => {
    const { "idempotency-key": idempotencyKey } = c.req.valid("header");
    const view = await c.var.services.sweeps.create(actorOf(c), c.req.valid("json"), idempotencyKey);
    c.header("Location", `${c.req.path}/${view.sweep.id}`);
    return c.json(sweepToWire(view), 202);
  });
  routes.openapi(list, async (c) => {
    const { limit, cursor, created_by: createdBy, ...filter } = c.req.valid("query");
    const page = { limit, after: fromCursor(cursor) };
    const { items, next } = await c.var.services.sweeps.list(actorOf(c), { ...filter, createdBy }, page);
    return c.json(
      { items: items.map(sweepSummaryToWire), next_cursor: next === undefined ? null : toCursor(next) },
      200,
    );
  });
  routes.openapi(get, async (c) => {
    const id = fromWireSweepId(c.req.valid("param").id);
    return c.json(sweepToWire(await c.var.services.sweeps.get(actorOf(c), id, c.req.valid("query").months)), 200);
  });
  routes.openapi(remove, async (c) => {
    await c.var.services.sweeps.remove(actorOf(c), fromWireSweepId(c.req.valid("param").id));
    return c.body(null, 204);
  });
  routes.openapi(events, async (c) => {
    const feed = await c.var.services.sweeps.events(actorOf(c), fromWireSweepId(c.req.valid("param").id));
    return eventStream(c, feed, c.req.valid("header")["last-event-id"]);
  });
  return routes;
}

import { OpenAPIHono, z } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../../shared/http.ts";
import { idempotencyHeader } from "../../../shared/idempotency.ts";
import { headersOf, jsonBody, jsonContent, operation } from "../../../shared/openapi.ts";
import { fromCursor, toCursor } from "../../../shared/pagination.ts";
import { jsonStream, textStream } from "../../../shared/streams.ts";
import { maxBodyBytes } from "../limits.ts";
import { estimateSchema } from "../request/estimate-schemas.ts";
import { simulationInputSchema } from "../request/schemas.ts";
import { resultsCsv } from "../results/csv.ts";
import { quantilesQuery, resultsQuery } from "../results/query-schemas.ts";
import { eventRoutes } from "./event-routes.ts";
import { pathsQuery, pathsSchema } from "./paths-schemas.ts";
import { listQuery, simulationIdSchema, simulationPageSchema, simulationSchema } from "./schemas.ts";
import type { SimulationService } from "./service.ts";
import { estimateToWire, fromWireId, preferredWait, simulationJson, summaryToWire, toWireId } from "./wire.ts";

const byId = z.object({ id: simulationIdSchema });

const startHeaders = headersOf({
  Location: "Where the run can be read.",
  "Preference-Applied?": "The wait that was kept to, of a request that preferred one.",
});

const create = operation({
  operationId: "createSimulation",
  method: "post",
  path: "/",
  tags: ["Simulation"],
  access: "simulations:write",
  summary: "Start a simulation",
  description:
    "Answers 202 at once with `Location`; read that until `status` is `completed`. With `Prefer: wait=N` (at most 60 seconds) it answers 200 with the finished run if that ends in time. The same body with the same `seed`, workloads and engine as a completed run of the company starts nothing: it answers 200 with that run and `cached: true`. The same Idempotency-Key gives the run that it made before, as it is by then. A run beyond the budget is refused before anything is stored: `over_budget`, with its `estimate` beside `detail`; so is one whose roles are described at more than 5 MB in all, with the company's own descriptions counted.",
  request: {
    headers: z.object({
      prefer: z.string().max(200).optional().openapi({ example: "wait=10" }),
      ...idempotencyHeader,
    }),
    body: jsonBody(simulationInputSchema),
  },
  maxBodyBytes,
  // Of a run that its key made before and somebody deletes while it is waited for.
  problems: ["too_many_runs", "idempotency_key_reused", "over_budget", "rate_limited", "not_found"],
  responses: {
    200: {
      ...jsonContent(simulationSchema, "The run ended within the preferred wait, or was there already (`cached`)."),
      headers: startHeaders,
    },
    202: {
      ...jsonContent(simulationSchema, "The run was stored and starts now, or was when its key came first."),
      headers: startHeaders,
    },
  },
});

const list = operation({
  operationId: "listSimulations",
  method: "get",
  path: "/",
  tags: ["Simulation"],
  access: "simulations:read",
  summary: "The company's runs, newest first",
  request: { query: listQuery },
  responses: { 200: jsonContent(simulationPageSchema, "A page; stable while runs are added.") },
});

const get = operation({
  operationId: "getSimulation",
  method: "get",
  path: "/{id}",
  tags: ["Simulation"],
  access: "simulations:read",
  summary: "A run: its status, progress and, in the end, its results",
  request: { params: byId, query: resultsQuery },
  problems: ["not_found"],
  responses: { 200: jsonContent(simulationSchema, "The run.") },
});

const csv = operation({
  operationId: "getSimulationCsv",
  method: "get",
  path: "/{id}/results.csv",
  tags: ["Simulation"],
  access: "simulations:read",
  summary: "A run's results as CSV, one row a Step",
  description:
    "Refused until the run has completed. Names that a spreadsheet would run as a formula get an apostrophe in front.",
  request: { params: byId, query: quantilesQuery },
  problems: ["not_found", "simulation_not_completed"],
  responses: {
    200: {
      description: "The results.",
      content: { "text/csv": { schema: z.string(), example: "Step,automation_mean\r\n0,0\r\n" } },
      headers: headersOf({ "Content-Disposition": "Names the file by the run." }),
    },
  },
});

const estimate = operation({
  operationId: "estimateSimulation",
  method: "post",
  path: "/estimate",
  tags: ["Simulation"],
  access: "simulations:write",
  summary: "What a simulation would cost, without running it",
  request: { body: jsonBody(simulationInputSchema) },
  maxBodyBytes,
  problems: ["rate_limited"],
  responses: { 200: jsonContent(estimateSchema, "The estimate.") },
});

const paths = operation({
  operationId: "getSimulationPaths",
  method: "get",
  path: "/{id}/paths",
  tags: ["Simulation"],
  access: "simulations:read",
  summary: "Single futures of a run",
  description:
    "Computed again on request: an iteration is a pure function of the run's input, its seed and the iteration's number.",
  request: { params: byId, query: pathsQuery },
  problems: ["not_found", "engine_changed", "over_budget", "rate_limited"],
  responses: { 200: jsonContent(pathsSchema, "The futures, a number a Step for each metric.") },
});

const cancel = operation({
  operationId: "cancelSimulation",
  method: "post",
  path: "/{id}/cancel",
  tags: ["Simulation"],
  access: "simulations:write",
  summary: "Cancel a run",
  description: "A run that has ended already stays as it is; the answer shows it.",
  request: { params: byId },
  problems: ["not_found"],
  responses: { 202: jsonContent(simulationSchema, "The run, cancelled unless it had ended.") },
});

const remove = operation({
  operationId: "deleteSimulation",
  method: "delete",
  path: "/{id}",
  tags: ["Simulation"],
  access: "simulations:write",
  summary: "Delete a run and its results",
  description: "One that is under way is stopped. The audit keeps that it was there.",
  request: { params: byId },
  problems: ["not_found"],
  responses: { 204: { description: "Deleted." } },
});

export function runRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ simulations: SimulationService }>>();
  routes.route("/", eventRoutes());
  routes.openapi(create, async (c) => {
    const { prefer, "idempotency-key": idempotencyKey } = c.req.valid("header");
    const waitSeconds = preferredWait(prefer);
    const view = await c.var.services.simulations.create(actorOf(c), c.req.valid("json"), {
      waitSeconds,
      idempotencyKey,
    });
    c.header("Location", `${c.req.path}/${toWireId(view.run.id)}`);
    if (waitSeconds > 0) c.header("Preference-Applied", `wait=${waitSeconds}`);
    // Who did not wait is told the same again under the same key, though the run may have ended by then.
    const isAnswered = view.run.completedAt !== null && (waitSeconds > 0 || view.cached === true);
    return jsonStream(c, simulationJson(view), isAnswered ? 200 : 202);
  });
  routes.openapi(list, async (c) => {
    const { limit, cursor, created_by: createdBy, ...filter } = c.req.valid("query");
    const page = { limit, after: fromCursor(cursor) };
    const { items, next } = await c.var.services.simulations.list(actorOf(c), { ...filter, createdBy }, page);
    return c.json({ items: items.map(summaryToWire), next_cursor: next === undefined ? null : toCursor(next) }, 200);
  });
  routes.openapi(get, async (c) => {
    const { shape, quantiles } = c.req.valid("query");
    const id = fromWireId(c.req.valid("param").id);
    const view = await c.var.services.simulations.get(actorOf(c), id, quantiles !== undefined);
    return jsonStream(c, simulationJson(view, { shape, quantiles }), 200);
  });
  routes.openapi(csv, async (c) => {
    const { quantiles = [] } = c.req.valid("query");
    const id = fromWireId(c.req.valid("param").id);
    const { run, parts } = await c.var.services.simulations.results(actorOf(c), id, quantiles.length > 0);
    c.header("Content-Disposition", `attachment; filename="${toWireId(run.id)}.csv"`);
    const roles = run.workloads.map(({ role }) => role);
    return textStream(c, resultsCsv({ parts, roles, quantiles }), 200, "text/csv; charset=utf-8; header=present");
  });
  routes.openapi(estimate, async (c) => {
    const { estimate: found, warnings } = await c.var.services.simulations.estimate(actorOf(c), c.req.valid("json"));
    return c.json(estimateToWire(found, warnings), 200);
  });
  routes.openapi(paths, async (c) => {
    const id = fromWireId(c.req.valid("param").id);
    const futures = await c.var.services.simulations.paths(actorOf(c), id, c.req.valid("query"));
    return c.json({ paths: [...futures] }, 200);
  });
  routes.openapi(cancel, async (c) => {
    const view = await c.var.services.simulations.cancel(actorOf(c), fromWireId(c.req.valid("param").id));
    return jsonStream(c, simulationJson(view), 202);
  });
  routes.openapi(remove, async (c) => {
    await c.var.services.simulations.remove(actorOf(c), fromWireId(c.req.valid("param").id));
    return c.body(null, 204);
  });
  return routes;
}

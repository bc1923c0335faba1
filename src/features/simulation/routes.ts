import { OpenAPIHono, z } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import { jsonStream } from "../../shared/json-stream.ts";
import { jsonBody, jsonContent, operation } from "../../shared/openapi.ts";
import { maxBodyBytes } from "./limits.ts";
import { simulationIdSchema, simulationInputSchema, simulationSchema } from "./schemas.ts";
import type { SimulationService } from "./service.ts";
import { fromWireId, preferredWait, simulationJson, toWireId } from "./wire.ts";

const create = operation({
  operationId: "createSimulation",
  method: "post",
  path: "/",
  tags: ["Simulation"],
  access: "simulations:write",
  summary: "Start a simulation",
  description:
    "Answers 202 at once with `Location`; read that until `status` is `completed`. With `Prefer: wait=N` (at most 60 seconds) it answers 200 with the finished run if that ends in time.",
  request: {
    headers: z.object({ prefer: z.string().max(200).optional().openapi({ example: "wait=10" }) }),
    body: jsonBody(simulationInputSchema),
  },
  maxBodyBytes,
  problems: ["too_many_runs"],
  responses: {
    200: jsonContent(simulationSchema, "The run ended within the preferred wait."),
    202: {
      ...jsonContent(simulationSchema, "The run was stored and starts now."),
      headers: z.object({ Location: z.string().openapi({ description: "Where the run can be read." }) }),
    },
  },
});

const get = operation({
  operationId: "getSimulation",
  method: "get",
  path: "/{id}",
  tags: ["Simulation"],
  access: "simulations:read",
  summary: "A run: its status, progress and, in the end, its results",
  request: { params: z.object({ id: simulationIdSchema }) },
  problems: ["not_found"],
  responses: { 200: jsonContent(simulationSchema, "The run.") },
});

export function simulationRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ simulations: SimulationService }>>();
  routes.openapi(create, async (c) => {
    const wait = preferredWait(c.req.valid("header").prefer);
    const view = await c.var.services.simulations.create(actorOf(c), c.req.valid("json"), wait);
    c.header("Location", `${c.req.path.replace(/\/$/, "")}/${toWireId(view.run.id)}`);
    if (wait > 0) c.header("Preference-Applied", `wait=${wait}`);
    return jsonStream(c, simulationJson(view), view.run.completedAt === null ? 202 : 200);
  });
  routes.openapi(get, async (c) => {
    const view = await c.var.services.simulations.get(actorOf(c), fromWireId(c.req.valid("param").id));
    return jsonStream(c, simulationJson(view), 200);
  });
  return routes;
}

import { OpenAPIHono } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../../shared/http.ts";
import { jsonContent, operation } from "../../../shared/openapi.ts";
import { fromWireId } from "../runs/wire.ts";
import { compareQuery, comparisonSchema } from "./schemas.ts";
import type { ComparisonService } from "./service.ts";
import { comparisonToWire } from "./wire.ts";

const compare = operation({
  operationId: "compareSimulations",
  method: "get",
  path: "/",
  tags: ["Simulation"],
  access: "simulations:read",
  summary: "Completed runs side by side, and what each has to the first",
  description:
    "Runs of one seed and engine version are paired: their futures differ by what was changed, not by luck, so a difference needs far fewer iterations. It is taken over the futures that both have. For runs that are not paired the difference of the means has the standard error of independent runs.",
  request: { query: compareQuery },
  problems: ["not_found", "simulation_not_completed", "engine_changed", "rate_limited"],
  responses: { 200: jsonContent(comparisonSchema, "The runs and their differences.") },
});

export function compareRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ comparisons: ComparisonService }>>();
  routes.openapi(compare, async (c) => {
    const ids = c.req.valid("query").ids.map(fromWireId);
    return c.json(comparisonToWire(await c.var.services.comparisons.find(actorOf(c), ids)), 200);
  });
  return routes;
}

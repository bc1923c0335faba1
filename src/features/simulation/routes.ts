import { OpenAPIHono } from "@hono/zod-openapi";
import type { RequestEnv } from "../../shared/http.ts";
import { compareRoutes } from "./compare/routes.ts";
import { roleRoutes } from "./roles/routes.ts";
import { runRoutes } from "./runs/routes.ts";
import type { SimulationService } from "./runs/service.ts";
import { sweepRoutes } from "./sweeps/routes.ts";

export function simulationRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ simulations: SimulationService }>>();
  // Before /{id}, which would take them for an id.
  routes.route("/roles", roleRoutes());
  routes.route("/compare", compareRoutes());
  routes.route("/sweeps", sweepRoutes());
  routes.route("/", runRoutes());
  return routes;
}

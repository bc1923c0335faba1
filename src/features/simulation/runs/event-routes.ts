import { OpenAPIHono, z } from "@hono/zod-openapi";
import { eventStream, eventStreamResponses, lastEventIdHeader } from "../../../shared/event-stream.ts";
import { actorOf, type RequestEnv } from "../../../shared/http.ts";
import { operation } from "../../../shared/openapi.ts";
import { simulationIdSchema } from "./schemas.ts";
import type { SimulationService } from "./service.ts";
import { fromWireId } from "./wire.ts";

const follow = operation({
  operationId: "followSimulation",
  method: "get",
  path: "/{id}/events",
  tags: ["Simulation"],
  access: "simulations:read",
  summary: "A run's progress as it happens (server-sent events)",
  description:
    "`progress` events `{iterations_done, iterations_total, fraction}` at each whole percent, then `completed`, `failed` (with `error`) or `cancelled`. `Last-Event-ID` goes on after that event. The stream ends by itself with the run, with the session, and after five minutes; come back with the last id then. 204: there is nothing more to come. A browser's EventSource sends no `Authorization` header: read the stream with `fetch`.",
  request: { params: z.object({ id: simulationIdSchema }), headers: z.object(lastEventIdHeader) },
  problems: ["not_found"],
  responses: eventStreamResponses(
    'id: 1\nevent: progress\ndata: {"iterations_done":0,"iterations_total":1000,"fraction":0}\n\nid: end\nevent: completed\ndata: {"status":"completed"}\n\n',
  ),
});

export function eventRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ simulations: SimulationService }>>();
  routes.openapi(follow, async (c) => {
    const feed = await c.var.services.simulations.follow(actorOf(c), fromWireId(c.req.valid("param").id));
    return eventStream(c, feed, c.req.valid("header")["last-event-id"]);
  });
  return routes;
}

import type { EngineModel } from "../src/features/simulation/engine/index.ts";
import { timeCase } from "./simulation-cases.ts";
import type { CaseKind } from "./simulation-cases.ts";

/** Times one case of the engine a request: GET /?kind=…&model=…&people=…. Local workerd's clock runs during the work. */
export default {
  fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/") return Response.json({ message: "ready" });
    const kind = searchParams.get("kind") as CaseKind;
    const model = searchParams.get("model") as EngineModel;
    return Response.json(timeCase(kind, model, Number(searchParams.get("people")), () => performance.now()));
  },
};

// Starts ReDoc on /redoc. The build points this import at the copy in public/docs-assets.
import { init } from "redoc/bundles/redoc.standalone.js";

const LOGO = { url: "/favicon.svg", href: "/docs/etter", altText: "Try the API in Swagger UI" };
const container = document.querySelector("#redoc");

// ReDoc's search would compile a Worker from text, which the page's CSP refuses; without Workers it searches here.
Reflect.deleteProperty(window, "Worker");

const explain = (reason: string): void => {
  if (container)
    container.textContent = `The API description could not be loaded: ${reason}. Reload, or open /openapi.json.`;
};

try {
  const response = await fetch("/openapi.json");
  if (response.ok) {
    const description = (await response.json()) as { info?: Record<string, unknown> };
    description.info = { ...description.info, "x-logo": LOGO };
    // Given the document and not its address, ReDoc offers no links that hand the address to outside assistants.
    init(description, { disableTelemetry: true }, container);
  } else {
    explain(`the server answered ${response.status}`);
  }
} catch (error) {
  explain(error instanceof Error ? error.message : "the server did not answer");
}

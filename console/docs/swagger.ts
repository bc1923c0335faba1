// Starts Swagger UI on /docs/etter. An external file, because the page's CSP allows no inline script.

interface SwaggerOptions {
  readonly url: string;
  readonly dom_id: string;
  readonly deepLinking: boolean;
  readonly persistAuthorization: boolean;
  readonly displayRequestDuration: boolean;
  readonly docExpansion: "list" | "full" | "none";
  readonly defaultModelsExpandDepth: number;
  readonly filter: boolean;
  readonly showExtensions: boolean;
  readonly tryItOutEnabled: boolean;
}

/** The global that swagger-ui-bundle.js leaves behind; the page loads it first. */
declare const SwaggerUIBundle: (options: SwaggerOptions) => unknown;

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
const followColorScheme = (): void => {
  document.documentElement.classList.toggle("dark-mode", prefersDark.matches);
};
prefersDark.addEventListener("change", followColorScheme);
followColorScheme();

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // A token typed into "Authorize" dies with the tab.
  persistAuthorization: false,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  // Shows x-permission beside each operation.
  showExtensions: true,
  tryItOutEnabled: true,
});

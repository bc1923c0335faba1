// Written by `npm run build:assets`; commit it with the change that caused it.
export const docsAssets = {
  pageStyles: "/docs-assets/docs.a4c9884b1664.css",
  swaggerStyles: "/docs-assets/swagger-ui.a6a4cf68f069.css",
  swaggerBundle: "/docs-assets/swagger-ui.e6a898692f2d.js",
  swaggerStart: "/docs-assets/swagger-start.22a2005f34a1.js",
  redocStart: "/docs-assets/redoc-start.0bf53002e02c.js",
} as const;

import { OpenAPIHono } from "@hono/zod-openapi";
import type { RequestEnv } from "../../shared/http.ts";
import { documentRoutes } from "./document-routes.ts";
import type { DocumentService } from "./document-service.ts";
import { folderRoutes } from "./folder-routes.ts";
import { governanceRoutes } from "./governance-routes.ts";
import { scanRoutes } from "./scan-routes.ts";
import type { ScanService } from "./scan-service.ts";
import { uploadRoutes } from "./upload-routes.ts";
import type { UploadService } from "./upload-service.ts";
import { uppyRoutes } from "./uppy-routes.ts";
import type { UppyService } from "./uppy-service.ts";

export function s3Routes() {
  const routes = new OpenAPIHono<
    RequestEnv<{ uploads: UploadService; documents: DocumentService; uppy: UppyService; scans: ScanService }>
  >();
  routes.route("/", uploadRoutes());
  routes.route("/", uppyRoutes());
  routes.route("/", scanRoutes());
  routes.route("/", documentRoutes());
  routes.route("/", governanceRoutes());
  routes.route("/", folderRoutes());
  return routes;
}

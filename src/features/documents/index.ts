export { createDocumentService, type DocumentService } from "./document-service.ts";
export type { DocumentDependencies, Scanner } from "./ports.ts";
export { scannerTimeoutMs } from "./limits.ts";
export { createScanService, type ScanService } from "./scan-service.ts";
export { noScanner } from "./verbs/scan.ts";
export { s3Routes } from "./routes.ts";
export { sweepDocuments, type DocumentSweep } from "./sweep.ts";
export { createUppyService, type UppyService } from "./uppy-service.ts";
export { createUploadService, type UploadService } from "./upload-service.ts";

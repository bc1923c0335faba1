/** The Worker's settings with Swift, all but the address. */
export const swiftSettings = {
  bucket: "etter-documents",
  accessKeyId: "test:tester",
  secretAccessKey: "testing-secret",
  region: "us-east-1",
  capabilities: { listParts: true, listUploads: true, deleteObjects: true },
} as const;

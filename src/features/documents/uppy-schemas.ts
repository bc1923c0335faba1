import { z } from "@hono/zod-openapi";
import { label } from "../../shared/text.ts";
import { maxDocumentBytes, maxParts } from "./domain/parts.ts";
import { roleLength } from "./limits.ts";
import { addressToken, contentType, customMetadata, documentId, filename, folderPath } from "./schemas.ts";
import { etagText, sha256, uploadId } from "./upload-schemas.ts";

// The words are those of Companion's S3 protocol, which Uppy speaks: its cases are mixed.

export const uppyAddressSchema = z
  .object({ url: z.string(), expires_in: z.number().int().openapi({ description: "Seconds." }) })
  .openapi("UppyAddress", { example: { url: "https://etter.example.com/api/etter/s3/uppy/…", expires_in: 3600 } });

export const byToken = z.object({ token: addressToken });
export const byUpload = byToken.extend({ upload_id: uploadId });
export const byPart = byUpload.extend({
  part_number: z.coerce.number().int().min(1).max(maxParts).openapi({ example: 1 }),
});
export const keyQuery = z.strictObject({ key: documentId });

/** What a page may set with Uppy's `setFileMeta`. Uppy's own fields, and the page's, come along and are not looked at. */
const metadata = z
  .looseObject({
    size: z.number().int().min(1).max(maxDocumentBytes).optional().openapi({
      description:
        "Bytes. With it parts go to S3 directly; they must be of our size (Uppy's `getChunkSize`). Without it they pass through us.",
    }),
    role: label(roleLength).optional(),
    folder_path: folderPath.optional(),
    custom_metadata: customMetadata.optional(),
    sha256: sha256.optional(),
    transport: z.enum(["direct", "proxy"]).optional(),
  })
  .openapi("UppyMetadata");

export const uppyBeginBody = z
  .strictObject({ filename, type: contentType, metadata: metadata.optional() })
  .openapi("UppyBeginBody", {
    example: {
      filename: "Übersicht 2026.pdf",
      type: "application/pdf",
      metadata: { name: "Übersicht 2026.pdf", size: 25_165_824, folder_path: "/hr/contracts" },
    },
  });

const keyExample = "6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55";
export const uppyUploadSchema = z
  .object({ key: documentId.openapi({ description: "The document's id." }), uploadId })
  .openapi("UppyUpload", { example: { key: keyExample, uploadId: "0c9a4a1c-7d55-4f43-9d3a-6f2b1c1e8f5e" } });

export const uppyPartAddressSchema = z
  .object({ url: z.string() })
  .openapi("UppyPartAddress", { example: { url: "https://s3.example.com/etter-documents/…?X-Amz-Signature=…" } });

export const uppyPartsSchema = z
  .array(z.object({ PartNumber: z.number().int(), ETag: z.string(), Size: z.number().int().nullable() }))
  .openapi("UppyParts", { example: [{ PartNumber: 1, ETag: '"9b2cf535"', Size: 8_388_608 }] });

export const uppyCompleteBody = z
  .strictObject({
    parts: z.array(z.strictObject({ PartNumber: z.number().int().min(1).max(maxParts), ETag: etagText })).max(maxParts),
  })
  .openapi("UppyCompleteBody", { example: { parts: [{ PartNumber: 1, ETag: "9b2cf535" }] } });

export const uppyCompletedSchema = z
  .object({
    location: z.string().openapi({ description: "Where to read the document, and its status." }),
    key: documentId,
  })
  .openapi("UppyCompleted", {
    example: { location: `https://etter.example.com/api/etter/s3/documents/${keyExample}`, key: keyExample },
  });

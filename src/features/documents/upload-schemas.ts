import { z } from "@hono/zod-openapi";
import { label } from "../../shared/text.ts";
import { maxDocumentBytes, maxParts } from "./domain/parts.ts";
import { maxHashedBytes, maxUrlsPerCall, roleLength } from "./limits.ts";
import { contentType, customMetadata, documentId, filename, folderPath, metadataExample } from "./schemas.ts";

export const sha256 = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits")
  .openapi({ description: "In hex.", example: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" });

export const uploadBody = z
  .strictObject({
    original_filename: filename,
    content_type: contentType,
    declared_size_bytes: z.number().int().min(1).max(maxDocumentBytes),
    role: label(roleLength).optional(),
    folder_path: folderPath.optional(),
    custom_metadata: customMetadata.optional(),
    sha256: sha256.optional().openapi({
      description: `In hex. Checked when the upload is completed, of documents up to ${maxHashedBytes / 1024 ** 2} MiB; for larger ones it is refused, since nobody would check it.`,
    }),
    transport: z.enum(["direct", "proxy"]).default("direct").openapi({
      description: "`direct`: parts go to S3 by signed addresses. `proxy`: they pass through us.",
    }),
  })
  .openapi("UploadBody", {
    example: {
      original_filename: "Übersicht 2026.pdf",
      content_type: "application/pdf",
      declared_size_bytes: 25_165_824,
      folder_path: "/hr/contracts",
      custom_metadata: metadataExample,
    },
  });

export const uploadId = z.uuid().toLowerCase().openapi({ example: "0c9a4a1c-7d55-4f43-9d3a-6f2b1c1e8f5e" });
/** A header value of S3's: visible characters, as it stands in the answer to a part. */
export const etagText = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, "must be the ETag of the part as S3 told it")
  .openapi({ example: '"9b2cf535"' });
const partNumber = z.number().int().min(1).max(maxParts);

const signedPartSchema = z.object({
  part_number: partNumber,
  size: z.number().int().openapi({ description: "Exactly so many bytes." }),
  url: z.string(),
  headers: z.record(z.string(), z.string()).openapi({ description: "To be sent with the bytes, as they are." }),
  expires_at: z.iso.datetime(),
});

const signedPartExample = {
  part_number: 1,
  size: 8_388_608,
  url: "https://s3.example.com/etter-documents/…?X-Amz-Signature=…",
  headers: { "content-length": "8388608" },
  expires_at: "2026-11-22T09:45:00.000Z",
};

const planFields = {
  session_id: uploadId,
  document_id: documentId,
  upload_strategy: z.enum(["SINGLE", "MULTIPART"]),
  transport: z.enum(["direct", "proxy"]),
  part_size: z.number().int().openapi({ description: "Bytes of every part but the last." }),
  part_count: z.number().int(),
  expires_at: z.iso.datetime(),
};
const planExample = {
  session_id: "0c9a4a1c-7d55-4f43-9d3a-6f2b1c1e8f5e",
  document_id: "6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55",
  upload_strategy: "MULTIPART" as const,
  transport: "direct" as const,
  part_size: 8_388_608,
  part_count: 3,
  expires_at: "2026-11-25T09:30:00.000Z",
};

export const uploadSchema = z
  .object({ ...planFields, parts: z.array(signedPartSchema).openapi({ description: "The first 100." }) })
  .openapi("Upload", { example: { ...planExample, parts: [signedPartExample] } });

export const uploadStateSchema = z
  .object({
    ...planFields,
    status: z.enum(["open", "completing", "completed", "aborted", "expired"]),
    parts: z
      .array(
        z.object({
          part_number: z.number().int(),
          etag: z.string(),
          size: z.number().int().nullable(),
          sha256: sha256.nullable().openapi({ description: "Of parts that passed through us." }),
        }),
      )
      .openapi({ description: "Those that are there; send the others." }),
  })
  .openapi("UploadState", {
    example: {
      ...planExample,
      status: "open",
      parts: [{ part_number: 1, etag: '"9b2cf535"', size: 8_388_608, sha256: null }],
    },
  });

export const signBody = z
  .strictObject({ part_numbers: z.array(partNumber).min(1).max(maxUrlsPerCall) })
  .openapi("SignPartsBody", { example: { part_numbers: [2, 3] } });
export const signedPartsSchema = z
  .object({ parts: z.array(signedPartSchema) })
  .openapi("SignedParts", { example: { parts: [signedPartExample] } });

export const storedPartSchema = z
  .object({ part_number: z.number().int(), etag: z.string(), size: z.number().int(), sha256: z.string() })
  .openapi("StoredPart", {
    example: {
      part_number: 1,
      etag: '"9b2cf535"',
      size: 8_388_608,
      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
  });

export const completeBody = z
  .strictObject({
    parts: z
      .array(z.strictObject({ part_number: partNumber, etag: etagText }))
      .max(maxParts)
      .optional()
      .openapi({ description: "The ETags of parts sent directly; needed only where S3 cannot list them." }),
  })
  .openapi("CompleteUploadBody", { example: { parts: [{ part_number: 1, etag: '"9b2cf535"' }] } });
/** 10,000 parts with their tags. */
export const completeBodyBytes = 4 * 1024 * 1024;

export const sha256Header = sha256.optional().openapi({
  description: "Of this part, in hex: checked on the way, and the part refused when it is another.",
});

import { z } from "@hono/zod-openapi";
import { freeJson } from "../../shared/free-json.ts";
import { pageOf, pageQuery } from "../../shared/pagination.ts";
import { label, text } from "../../shared/text.ts";
import { quarantineReasons } from "./domain/content.ts";
import { nameFault, nameLimits, parseFolderPath } from "./domain/names.ts";
import { visibleStates, type DocumentState } from "./domain/states.ts";
import { metadataLimits, reasonLength, roleLength, searchLength } from "./limits.ts";

export const filename = z
  .string()
  .min(1)
  .max(nameLimits.filenameBytes)
  .superRefine((value, context) => {
    const message = nameFault(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .openapi({ description: "Kept to the letter.", example: "Übersicht 2026.pdf" });

export const folderPath = z
  .string()
  .min(1)
  .max(nameLimits.folderBytes)
  .transform((value, context) => {
    const parsed = parseFolderPath(value);
    if ("path" in parsed) return parsed.path;
    context.addIssue({ code: "custom", message: parsed.fault });
    return z.NEVER;
  })
  .openapi({ type: "string", description: "`/` is the root.", example: "/hr/contracts" });

export const contentType = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9][\w.+!#$&^-]{0,126}\/[A-Za-z0-9][\w.+!#$&^-]{0,126}( *; *[\w.-]+=("[\x20\x21\x23-\x5b\x5d-\x7e]*"|[\w.-]+))*$/,
    "must be a media type such as application/pdf",
  )
  .openapi({ example: "application/pdf" });

export const metadataExample = { reviewed: true, year: 2026 };
export const customMetadata = freeJson(metadataLimits, metadataExample);

export const documentId = z.uuid().toLowerCase().openapi({ example: "6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55" });

/** The last part of an address that carries its own permission. */
export const addressToken = z.string().min(1).max(500).openapi({ example: "ZG93bmxvYWQ.c2lnbmF0dXJl" });

const statusSchema = z.enum(visibleStates as [DocumentState, ...DocumentState[]]);
const documentExample = {
  id: "6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55",
  status: "ready" as const,
  original_filename: "Übersicht 2026.pdf",
  content_type: "application/pdf",
  detected_content_type: "application/pdf",
  size_bytes: 25_165_824,
  sha256: null,
  role: null,
  folder_path: "/hr/contracts",
  custom_metadata: metadataExample,
  legal_hold: false,
  quarantine_reason: null,
  created_by: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
  created_at: "2026-11-22T09:30:00.000Z",
  completed_at: "2026-11-22T09:31:00.000Z",
};

export const documentSchema = z
  .object({
    id: z.uuid(),
    status: statusSchema,
    original_filename: z.string(),
    content_type: z.string().openapi({ description: "As it was declared." }),
    detected_content_type: z
      .string()
      .nullable()
      .openapi({ description: "What its bytes say, once they were looked at." }),
    size_bytes: z.number().int(),
    sha256: z.string().nullable().openapi({
      description: "In hex, as counted of its bytes: where it was declared, and of what fits into one PUT.",
    }),
    role: z.string().nullable(),
    folder_path: z.string(),
    custom_metadata: z.record(z.string(), z.unknown()),
    legal_hold: z.boolean(),
    quarantine_reason: z.enum(quarantineReasons).nullable(),
    created_by: z.uuid(),
    created_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable(),
  })
  .openapi("Document", { example: documentExample });

export const documentPageSchema = pageOf(documentSchema).openapi("DocumentPage", {
  example: { items: [documentExample], next_cursor: null },
});

/** In a query only these words are truth values. */
export const flag = z
  .enum(["true", "false"])
  .default("false")
  .transform((value) => value === "true")
  .openapi({ type: "string", enum: ["true", "false"], default: "false" });

export const documentQuery = z.strictObject({
  ...pageQuery,
  role: text(roleLength).optional(),
  status: statusSchema.optional(),
  folder_path: folderPath.optional(),
  recursive: flag.openapi({ description: "With `folder_path`: also what is in folders below." }),
  content_type: contentType.optional(),
  created_by: z.uuid().optional(),
  q: text(searchLength).optional().openapi({ description: "A part of the file name, in any case." }),
});

export const documentPatch = z
  .strictObject({
    filename: filename.optional(),
    original_filename: filename.optional().openapi({ description: "The same by the name that a document has for it." }),
    folder_path: folderPath.optional(),
    role: label(roleLength).nullable().optional(),
    custom_metadata: customMetadata.optional(),
  })
  .refine((patch) => patch.filename === undefined || patch.original_filename === undefined, {
    path: ["original_filename"],
    message: "says the same as filename; leave one of them out",
  })
  .openapi("DocumentPatch", { example: { filename: "Übersicht 2027.pdf", folder_path: "/archive" } });

export const reasonBody = z
  .strictObject({ reason: label(reasonLength) })
  .openapi("ReasonBody", { example: { reason: "Case 2026-117: keep until it is closed." } });

const reasonExample = "Case 2026-117 is closed.";
export const reasonQuery = z
  .strictObject({ reason: label(reasonLength).optional().openapi({ example: reasonExample }) })
  .openapi({ example: { reason: reasonExample } });

export const downloadSchema = z
  .object({ url: z.string(), expires_in: z.number().int().openapi({ description: "Seconds." }) })
  .openapi("Download", { example: { url: "https://etter.example.com/api/etter/s3/content/…", expires_in: 300 } });

/** Comes back as it was given. */
const scanReference = z.string().min(1).max(500).openapi({ example: "c2Nhbi4xNzk.c2lnbmF0dXJl" });
export const verdictBody = z
  .strictObject({
    scan: scanReference.openapi({ description: "As it came with the request to scan." }),
    verdict: z.enum(["clean", "infected", "error"]),
    reason: z
      .string()
      .regex(/^[\x21-\x7e]{1,100}$/, "must be 1 to 100 visible ASCII characters")
      .optional()
      .openapi({ description: "The scanner's code for what it found, or for what went wrong. Kept in the history." }),
  })
  .openapi("ScanVerdict", {
    example: { scan: "c2Nhbi4xNzk.c2lnbmF0dXJl", verdict: "infected", reason: "Win.Trojan.Example-1" },
  });
export const verdictTakenSchema = z
  .object({ document_id: z.uuid(), status: statusSchema })
  .openapi("ScanVerdictTaken", { example: { document_id: documentExample.id, status: "quarantined" } });

const historyExample = {
  id: "1d5b7b0a-6c0e-4c2b-8a1a-2f6d0e9b7c31",
  at: "2026-11-22T09:31:00.000Z",
  actor_user_id: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
  action: "document.complete",
  reason: null,
  changes: { status: "ready" },
  request_id: "0b6f7a0e-3f0a-4a8e-9d5c-2f5b1a7e9c11",
};
export const historyPageSchema = pageOf(
  z
    .object({
      id: z.uuid(),
      at: z.iso.datetime(),
      actor_user_id: z.uuid().nullable().openapi({ description: "Null for what the clock did." }),
      action: z.string(),
      reason: z.string().nullable(),
      changes: z.record(z.string(), z.unknown()).nullable(),
      request_id: z.string(),
    })
    .openapi("DocumentHistoryEntry", { example: historyExample }),
).openapi("DocumentHistoryPage", { example: { items: [historyExample], next_cursor: null } });

import { z } from "@hono/zod-openapi";
import { pageOf, pageQuery } from "../../shared/pagination.ts";
import { folderDeletionStates } from "./folder-repository.ts";
import { rootFolder } from "./domain/names.ts";
import { maxCountedDocuments } from "./limits.ts";
import { flag, folderPath } from "./schemas.ts";

const notTheRoot = (path: string): boolean => path !== rootFolder;
const ownFolder = folderPath
  .refine(notTheRoot, "must be a folder in the root or below; the root is always there")
  .openapi({ type: "string", example: "/hr/contracts" });

const folderExample = {
  path: "/hr/contracts",
  name: "contracts",
  document_count: 12,
  being_deleted: false,
  created_by: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
  created_at: "2026-11-22T09:30:00.000Z",
};

export const folderSchema = z
  .object({
    path: z.string(),
    name: z.string(),
    document_count: z
      .number()
      .int()
      .openapi({ description: `Documents in it, not below it. ${maxCountedDocuments} means so many or more.` }),
    being_deleted: z.boolean(),
    created_by: z.uuid(),
    created_at: z.iso.datetime(),
  })
  .openapi("Folder", { example: folderExample });

export const folderPageSchema = pageOf(folderSchema).openapi("FolderPage", {
  example: { items: [folderExample], next_cursor: null },
});

export const folderBody = z
  .strictObject({ path: ownFolder })
  .openapi("FolderBody", { example: { path: "/hr/contracts" } });

/** A name of up to 255 bytes is in it. */
const cursorLength = 400;

export const folderQuery = z.strictObject({
  path: folderPath.prefault(rootFolder),
  limit: pageQuery.limit,
  cursor: z.string().max(cursorLength).optional().openapi({ description: "The `next_cursor` of the page before." }),
});

export const folderDeleteQuery = z.strictObject({
  path: ownFolder,
  recursive: flag.openapi({ description: "Also what is in it and below." }),
});

export const folderDeletionQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(folderDeletionStates).optional(),
});

export const folderDeletionId = z.uuid().toLowerCase().openapi({ example: "9d3a0c9a-4a1c-4d55-8f5e-6f2b1c1e4f43" });

const deletionExample = {
  id: "9d3a0c9a-4a1c-4d55-8f5e-6f2b1c1e4f43",
  path: "/hr/contracts",
  status: "incomplete" as const,
  pending: 0,
  deleted: 11,
  held: 1,
  failed: 0,
  requested_by: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
  created_at: "2026-11-22T09:40:00.000Z",
  ended_at: "2026-11-22T09:40:01.000Z",
  items: [
    {
      document_id: "6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55",
      original_filename: "Übersicht 2026.pdf",
      folder_path: "/hr/contracts/2026",
      state: "held" as const,
      taken_at: "2026-11-22T09:40:00.500Z",
    },
  ],
  next_cursor: null,
};

export const folderDeletionSchema = z
  .object({
    id: z.uuid(),
    path: z.string(),
    status: z.enum(["running", "completed", "incomplete"]).openapi({
      description:
        "`running`: it goes on by itself, within a minute; the same DELETE again goes on at once. `completed`: the folder is gone with all that was in it. `incomplete`: ended, and what is `held` or `failed` is named.",
    }),
    pending: z.number().int().openapi({ description: "Documents not deleted yet." }),
    deleted: z.number().int().openapi({ description: "Documents, and uploads that were under way." }),
    held: z
      .number()
      .int()
      .openapi({ description: "Under a legal hold: they stay, and so do the folders around them." }),
    failed: z.number().int().openapi({
      description:
        "Gone for people; the store did not take the deletion of their bytes, and is asked again every minute.",
    }),
    requested_by: z.uuid(),
    created_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    items: z
      .array(
        z.object({
          document_id: z.uuid(),
          original_filename: z.string(),
          folder_path: z.string().openapi({ description: "Where it was." }),
          state: z.enum(folderDeletionStates),
          taken_at: z.iso.datetime(),
        }),
      )
      .openapi({ description: "What the deletion has come upon, the latest first." }),
    next_cursor: z.string().nullable().openapi({ description: "Null on the last page." }),
  })
  .openapi("FolderDeletion", { example: deletionExample });

import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { users } from "./users.ts";

/** A folder of a company's documents. The root is no row. */
export const folders = pgTable(
  "folders",
  {
    companyId: uuid("company_id").notNull(),
    /** `/a/b`: begins with a slash, ends without one. */
    path: text().notNull(),
    createdBy: uuid("created_by").notNull(),
    createdAt: instant("created_at").notNull(),
    /** Set when the folder is being deleted: nothing goes in any more. */
    deletingSince: instant("deleting_since"),
  },
  (t) => [
    primaryKey({ name: "folders_pk", columns: [t.companyId, t.path] }),
    foreignKey({
      name: "folders_creator",
      columns: [t.companyId, t.createdBy],
      foreignColumns: [users.companyId, users.id],
    }),
    check("folders_path", sql`${t.path} ~ '^(/[^/]+)+$' and octet_length(${t.path}) <= 1024`),
    index("folders_deleting")
      .on(t.deletingSince)
      .where(sql`${t.deletingSince} is not null`),
  ],
).enableRLS();

/** A document, from its planned upload to the stone that marks where it was. */
export const documents = pgTable(
  "documents",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id").notNull(),
    createdBy: uuid("created_by").notNull(),
    status: text().notNull(),
    originalFilename: text("original_filename").notNull(),
    contentType: text("content_type").notNull(),
    detectedContentType: text("detected_content_type"),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    /** Hex: as declared, or as counted where the bytes passed us. */
    sha256: text(),
    role: text(),
    /** Null in the root. */
    folderPath: text("folder_path"),
    customMetadata: jsonb("custom_metadata").$type<Readonly<Record<string, unknown>>>().notNull(),
    quarantineReason: text("quarantine_reason"),
    legalHoldReason: text("legal_hold_reason"),
    legalHold: boolean("legal_hold").notNull().default(false),
    createdAt: instant("created_at").notNull(),
    completedAt: instant("completed_at"),
    /** When it came into its state. */
    changedAt: instant("changed_at").notNull(),
    /** When the clock's sweep looks at it: the end of a lease, or of a session; null where nothing is to be done. */
    dueAt: instant("due_at"),
    /** Rises with every lease: whoever holds an older one writes nothing. */
    fence: integer().notNull().default(0),
    /** Last part of the object's key. */
    version: integer().notNull().default(1),
  },
  (t) => [
    unique("documents_company_id_id").on(t.companyId, t.id),
    foreignKey({
      name: "documents_creator",
      columns: [t.companyId, t.createdBy],
      foreignColumns: [users.companyId, users.id],
    }),
    foreignKey({
      name: "documents_folder",
      columns: [t.companyId, t.folderPath],
      foreignColumns: [folders.companyId, folders.path],
    }),
    check(
      "documents_status",
      sql`${t.status} in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined', 'aborting', 'aborted', 'expired', 'deleting', 'deleted')`,
    ),
    check("documents_filename", sql`octet_length(${t.originalFilename}) between 1 and 255`),
    check("documents_size", sql`${t.sizeBytes} between 0 and 5497558138880`),
    check("documents_sha256", sql`${t.sha256} ~ '^[0-9a-f]{64}$'`),
    check("documents_quarantine", sql`${t.status} <> 'quarantined' or ${t.quarantineReason} is not null`),
    check("documents_hold", sql`${t.legalHold} = (${t.legalHoldReason} is not null)`),
    check("documents_held", sql`not ${t.legalHold} or ${t.status} in ('scanning', 'ready', 'quarantined')`),
    index("documents_company_created").on(t.companyId, t.createdAt, t.id),
    index("documents_company_folder").on(t.companyId, t.folderPath),
    // What the quota counts, read from the index alone.
    index("documents_company_stored").on(t.companyId, t.status, t.sizeBytes),
    index("documents_due")
      .on(t.dueAt)
      .where(sql`${t.dueAt} is not null`),
  ],
).enableRLS();

/** How a document's bytes come in. Written once; its state is the document's. */
export const uploadSessions = pgTable(
  "upload_sessions",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id").notNull(),
    documentId: uuid("document_id").notNull(),
    transport: text().notNull(),
    partSize: bigint("part_size", { mode: "number" }).notNull(),
    partCount: integer("part_count").notNull(),
    /** The client did not say how large the document will be: sizes of parts are bounded by part_size, the document's is 0 until it is whole. */
    openEnded: boolean("open_ended").notNull(),
    /** S3's name for the multipart upload; never told to a client. */
    s3UploadId: text("s3_upload_id"),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [
    unique("upload_sessions_company_id_id").on(t.companyId, t.id),
    unique("upload_sessions_document").on(t.companyId, t.documentId),
    foreignKey({
      name: "upload_sessions_of",
      columns: [t.companyId, t.documentId],
      foreignColumns: [documents.companyId, documents.id],
    }),
    check("upload_sessions_transport", sql`${t.transport} in ('direct', 'proxy')`),
    check("upload_sessions_parts", sql`${t.partCount} between 1 and 10000 and ${t.partSize} >= 1`),
  ],
).enableRLS();

/** Parts we know of: those that passed through us, and those whose tags a client told where S3 cannot list them. */
export const uploadParts = pgTable(
  "upload_parts",
  {
    companyId: uuid("company_id").notNull(),
    sessionId: uuid("session_id").notNull(),
    partNumber: integer("part_number").notNull(),
    etag: text().notNull(),
    /** Null where a client told the tag: its length was signed. */
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    sha256: text(),
  },
  (t) => [
    primaryKey({ name: "upload_parts_pk", columns: [t.companyId, t.sessionId, t.partNumber] }),
    foreignKey({
      name: "upload_parts_session",
      columns: [t.companyId, t.sessionId],
      foreignColumns: [uploadSessions.companyId, uploadSessions.id],
    }),
    check("upload_parts_number", sql`${t.partNumber} between 1 and 10000`),
  ],
).enableRLS();

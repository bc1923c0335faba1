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
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { companies } from "./companies.ts";
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
    /** The folder around it; `/` for one in the root. */
    parent: text()
      .notNull()
      .generatedAlwaysAs(sql`coalesce(nullif(regexp_replace(path, '/[^/]+$', ''), ''), '/')`),
    /** Set when the folder is being deleted: nothing goes in any more, nor into a folder below. */
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
    // One level of the tree, in the order of the bytes.
    index("folders_company_parent").on(t.companyId, t.parent, t.path.op("text_pattern_ops")),
  ],
).enableRLS();

/** What is listed, to the letter as partial indexes have it: only then does the planner see that one of them fits. */
export const isListed = sql.raw("status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined')");

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
    // Pages of the list: all, or of one value of a filter, newest first. What was given up or deleted stays out.
    index("documents_company_created").on(t.companyId, t.createdAt, t.id).where(isListed),
    index("documents_listed_folder").on(t.companyId, t.folderPath, t.createdAt, t.id).where(isListed),
    index("documents_listed_role").on(t.companyId, t.role, t.createdAt, t.id).where(isListed),
    index("documents_listed_status").on(t.companyId, t.status, t.createdAt, t.id).where(isListed),
    index("documents_listed_type").on(t.companyId, t.contentType, t.createdAt, t.id).where(isListed),
    index("documents_listed_creator").on(t.companyId, t.createdBy, t.createdAt, t.id).where(isListed),
    // What is in a folder or below it, and what holds a folder's row in place.
    index("documents_company_folder")
      .on(t.companyId, t.folderPath.op("text_pattern_ops"))
      .where(sql`${t.folderPath} is not null`),
    index("documents_due")
      .on(t.dueAt)
      .where(sql`${t.dueAt} is not null`),
  ],
).enableRLS();

/**
 * What the quota counts, a row a company: kept by a trigger on `documents`, in the transaction of the rows it counts. The application
 * reads it and cannot write it.
 */
export const companyStorage = pgTable("company_storage", {
  companyId: uuid("company_id")
    .primaryKey()
    .references(() => companies.id),
  /** Of all that is neither given up nor deleted. */
  storedBytes: bigint("stored_bytes", { mode: "number" }).notNull(),
}).enableRLS();

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
    /** Of an open-ended one, how many parts the list named that completes it; null where there is none. */
    namedParts: integer("named_parts"),
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
    check("upload_sessions_named", sql`${t.namedParts} between 1 and 10000`),
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

/** A folder's deletion with all that is in it: written before the work begins, and looked at by the sweep until it has ended. */
export const folderDeletions = pgTable(
  "folder_deletions",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id").notNull(),
    path: text().notNull(),
    requestedBy: uuid("requested_by").notNull(),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at"),
    /** When the sweep goes on with it; null once it has ended. */
    dueAt: instant("due_at"),
  },
  (t) => [
    unique("folder_deletions_company_id_id").on(t.companyId, t.id),
    // Two calls for one folder are one deletion.
    uniqueIndex("folder_deletions_running")
      .on(t.companyId, t.path)
      .where(sql`${t.endedAt} is null`),
    foreignKey({
      name: "folder_deletions_requester",
      columns: [t.companyId, t.requestedBy],
      foreignColumns: [users.companyId, users.id],
    }),
    check("folder_deletions_due", sql`(${t.endedAt} is null) = (${t.dueAt} is not null)`),
    index("folder_deletions_due_at")
      .on(t.dueAt)
      .where(sql`${t.dueAt} is not null`),
  ],
).enableRLS();

/** What a deletion came upon. Whether a document that was taken is gone its own row says. */
export const folderDeletionItems = pgTable(
  "folder_deletion_items",
  {
    companyId: uuid("company_id").notNull(),
    deletionId: uuid("deletion_id").notNull(),
    documentId: uuid("document_id").notNull(),
    /** Where it was. */
    folderPath: text("folder_path").notNull(),
    state: text().notNull(),
    takenAt: instant("taken_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "folder_deletion_items_pk", columns: [t.companyId, t.deletionId, t.documentId] }),
    foreignKey({
      name: "folder_deletion_items_of",
      columns: [t.companyId, t.deletionId],
      foreignColumns: [folderDeletions.companyId, folderDeletions.id],
    }),
    foreignKey({
      name: "folder_deletion_items_document",
      columns: [t.companyId, t.documentId],
      foreignColumns: [documents.companyId, documents.id],
    }),
    check("folder_deletion_items_state", sql`${t.state} in ('taken', 'held', 'failed')`),
    index("folder_deletion_items_taken").on(t.companyId, t.deletionId, t.takenAt, t.documentId),
  ],
).enableRLS();

CREATE TABLE "documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"company_id" uuid NOT NULL,
	"created_by" uuid NOT NULL,
	"status" text NOT NULL,
	"original_filename" text NOT NULL,
	"content_type" text NOT NULL,
	"detected_content_type" text,
	"size_bytes" bigint NOT NULL,
	"sha256" text,
	"role" text,
	"folder_path" text,
	"custom_metadata" jsonb NOT NULL,
	"quarantine_reason" text,
	"legal_hold_reason" text,
	"legal_hold" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"completed_at" timestamp (3) with time zone,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	"fence" integer DEFAULT 0 NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "documents_company_id_id" UNIQUE("company_id","id"),
	CONSTRAINT "documents_status" CHECK ("documents"."status" in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined', 'aborting', 'aborted', 'expired', 'deleting', 'deleted')),
	CONSTRAINT "documents_filename" CHECK (octet_length("documents"."original_filename") between 1 and 255),
	CONSTRAINT "documents_size" CHECK ("documents"."size_bytes" between 0 and 5497558138880),
	CONSTRAINT "documents_sha256" CHECK ("documents"."sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "documents_quarantine" CHECK ("documents"."status" <> 'quarantined' or "documents"."quarantine_reason" is not null),
	CONSTRAINT "documents_hold" CHECK ("documents"."legal_hold" = ("documents"."legal_hold_reason" is not null)),
	CONSTRAINT "documents_held" CHECK (not "documents"."legal_hold" or "documents"."status" in ('scanning', 'ready', 'quarantined'))
);
--> statement-breakpoint
ALTER TABLE "documents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "folders" (
	"company_id" uuid NOT NULL,
	"path" text NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"deleting_since" timestamp (3) with time zone,
	CONSTRAINT "folders_pk" PRIMARY KEY("company_id","path"),
	CONSTRAINT "folders_path" CHECK ("folders"."path" ~ '^(/[^/]+)+$' and octet_length("folders"."path") <= 1024)
);
--> statement-breakpoint
ALTER TABLE "folders" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "upload_parts" (
	"company_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"part_number" integer NOT NULL,
	"etag" text NOT NULL,
	"size_bytes" bigint,
	"sha256" text,
	CONSTRAINT "upload_parts_pk" PRIMARY KEY("company_id","session_id","part_number"),
	CONSTRAINT "upload_parts_number" CHECK ("upload_parts"."part_number" between 1 and 10000)
);
--> statement-breakpoint
ALTER TABLE "upload_parts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "upload_sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"company_id" uuid NOT NULL,
	"document_id" uuid NOT NULL,
	"transport" text NOT NULL,
	"part_size" bigint NOT NULL,
	"part_count" integer NOT NULL,
	"open_ended" boolean NOT NULL,
	"s3_upload_id" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "upload_sessions_company_id_id" UNIQUE("company_id","id"),
	CONSTRAINT "upload_sessions_document" UNIQUE("company_id","document_id"),
	CONSTRAINT "upload_sessions_transport" CHECK ("upload_sessions"."transport" in ('direct', 'proxy')),
	CONSTRAINT "upload_sessions_parts" CHECK ("upload_sessions"."part_count" between 1 and 10000 and "upload_sessions"."part_size" >= 1)
);
--> statement-breakpoint
ALTER TABLE "upload_sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_creator" FOREIGN KEY ("company_id","created_by") REFERENCES "public"."users"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_folder" FOREIGN KEY ("company_id","folder_path") REFERENCES "public"."folders"("company_id","path") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folders" ADD CONSTRAINT "folders_creator" FOREIGN KEY ("company_id","created_by") REFERENCES "public"."users"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upload_parts" ADD CONSTRAINT "upload_parts_session" FOREIGN KEY ("company_id","session_id") REFERENCES "public"."upload_sessions"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upload_sessions" ADD CONSTRAINT "upload_sessions_of" FOREIGN KEY ("company_id","document_id") REFERENCES "public"."documents"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "documents_company_created" ON "documents" USING btree ("company_id","created_at","id");--> statement-breakpoint
CREATE INDEX "documents_company_folder" ON "documents" USING btree ("company_id","folder_path");--> statement-breakpoint
CREATE INDEX "documents_company_stored" ON "documents" USING btree ("company_id","status","size_bytes");--> statement-breakpoint
CREATE INDEX "documents_due" ON "documents" USING btree ("due_at") WHERE "documents"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "folders_deleting" ON "folders" USING btree ("deleting_since") WHERE "folders"."deleting_since" is not null;--> statement-breakpoint
ALTER TABLE folders FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE documents FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE upload_sessions FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE upload_parts FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON folders TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON documents TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON upload_sessions TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON upload_parts TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
-- What the clock's sweep sees of every company: that something is due, and whose it is.
CREATE POLICY sweep ON documents FOR SELECT TO etter_system USING (due_at IS NOT NULL);
--> statement-breakpoint
CREATE POLICY sweep ON folders FOR SELECT TO etter_system USING (deleting_since IS NOT NULL);
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON folders TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON documents, upload_sessions TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON upload_parts TO etter_app;
--> statement-breakpoint
GRANT SELECT (id, company_id, status, due_at) ON documents TO etter_system;
--> statement-breakpoint
GRANT SELECT (company_id, path, deleting_since) ON folders TO etter_system;

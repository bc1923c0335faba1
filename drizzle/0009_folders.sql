CREATE TABLE "folder_deletion_items" (
	"company_id" uuid NOT NULL,
	"deletion_id" uuid NOT NULL,
	"document_id" uuid NOT NULL,
	"folder_path" text NOT NULL,
	"state" text NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "folder_deletion_items_pk" PRIMARY KEY("company_id","deletion_id","document_id"),
	CONSTRAINT "folder_deletion_items_state" CHECK ("folder_deletion_items"."state" in ('taken', 'held', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "folder_deletion_items" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "folder_deletions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"company_id" uuid NOT NULL,
	"path" text NOT NULL,
	"requested_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone,
	CONSTRAINT "folder_deletions_company_id_id" UNIQUE("company_id","id"),
	CONSTRAINT "folder_deletions_due" CHECK (("folder_deletions"."ended_at" is null) = ("folder_deletions"."due_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "folder_deletions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "folders_deleting";--> statement-breakpoint
DROP INDEX "documents_company_created";--> statement-breakpoint
DROP INDEX "documents_company_folder";--> statement-breakpoint
ALTER TABLE "folders" ADD COLUMN "parent" text GENERATED ALWAYS AS (coalesce(nullif(regexp_replace(path, '/[^/]+$', ''), ''), '/')) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "folder_deletion_items" ADD CONSTRAINT "folder_deletion_items_of" FOREIGN KEY ("company_id","deletion_id") REFERENCES "public"."folder_deletions"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folder_deletion_items" ADD CONSTRAINT "folder_deletion_items_document" FOREIGN KEY ("company_id","document_id") REFERENCES "public"."documents"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folder_deletions" ADD CONSTRAINT "folder_deletions_requester" FOREIGN KEY ("company_id","requested_by") REFERENCES "public"."users"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "folder_deletion_items_taken" ON "folder_deletion_items" USING btree ("company_id","deletion_id","taken_at","document_id");--> statement-breakpoint
CREATE UNIQUE INDEX "folder_deletions_running" ON "folder_deletions" USING btree ("company_id","path") WHERE "folder_deletions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "folder_deletions_due_at" ON "folder_deletions" USING btree ("due_at") WHERE "folder_deletions"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "documents_listed_folder" ON "documents" USING btree ("company_id","folder_path","created_at","id") WHERE status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined');--> statement-breakpoint
CREATE INDEX "documents_listed_role" ON "documents" USING btree ("company_id","role","created_at","id") WHERE status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined');--> statement-breakpoint
CREATE INDEX "documents_listed_status" ON "documents" USING btree ("company_id","status","created_at","id") WHERE status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined');--> statement-breakpoint
CREATE INDEX "documents_listed_type" ON "documents" USING btree ("company_id","content_type","created_at","id") WHERE status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined');--> statement-breakpoint
CREATE INDEX "documents_listed_creator" ON "documents" USING btree ("company_id","created_by","created_at","id") WHERE status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined');--> statement-breakpoint
CREATE INDEX "folders_company_parent" ON "folders" USING btree ("company_id","parent","path" text_pattern_ops);--> statement-breakpoint
CREATE INDEX "documents_company_created" ON "documents" USING btree ("company_id","created_at","id") WHERE status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined');--> statement-breakpoint
CREATE INDEX "documents_company_folder" ON "documents" USING btree ("company_id","folder_path" text_pattern_ops) WHERE "documents"."folder_path" is not null;
--> statement-breakpoint
ALTER TABLE folder_deletions FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE folder_deletion_items FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON folder_deletions TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON folder_deletion_items TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
-- The sweep finds deletions, not the folders they are about.
CREATE POLICY sweep ON folder_deletions FOR SELECT TO etter_system USING (due_at IS NOT NULL);
--> statement-breakpoint
DROP POLICY sweep ON folders;
--> statement-breakpoint
REVOKE SELECT (company_id, path, deleting_since) ON folders FROM etter_system;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON folder_deletions, folder_deletion_items TO etter_app;
--> statement-breakpoint
GRANT SELECT (id, company_id, path, due_at) ON folder_deletions TO etter_system;

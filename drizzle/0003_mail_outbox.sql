CREATE TABLE "mail_outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"company_id" uuid NOT NULL,
	"user_id" uuid,
	"recipient" text NOT NULL,
	"template" text NOT NULL,
	"data" jsonb NOT NULL,
	"sealed_token" "bytea",
	"status" text DEFAULT 'queued' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"last_error" text,
	"provider_message_id" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "mail_outbox_status" CHECK ("mail_outbox"."status" in ('queued', 'sending', 'sent', 'dead')),
	CONSTRAINT "mail_outbox_settled" CHECK (("mail_outbox"."settled_at" is not null) = ("mail_outbox"."status" in ('sent', 'dead'))),
	CONSTRAINT "mail_outbox_token_wiped" CHECK ("mail_outbox"."sealed_token" is null or "mail_outbox"."status" in ('queued', 'sending')),
	CONSTRAINT "mail_outbox_recipient" CHECK (length("mail_outbox"."recipient") between 3 and 254 and "mail_outbox"."recipient" !~ '[[:cntrl:][:space:]]')
);
--> statement-breakpoint
ALTER TABLE "mail_outbox" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "mail_outbox" ADD CONSTRAINT "mail_outbox_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mail_outbox_due" ON "mail_outbox" USING btree ("due_at") WHERE "mail_outbox"."status" in ('queued', 'sending');--> statement-breakpoint
CREATE INDEX "mail_outbox_dead" ON "mail_outbox" USING btree ("settled_at") WHERE "mail_outbox"."status" = 'dead';--> statement-breakpoint
CREATE INDEX "mail_outbox_sent" ON "mail_outbox" USING btree ("settled_at") WHERE "mail_outbox"."status" = 'sent';
--> statement-breakpoint
-- By hand from here: drizzle-kit knows no FORCE, policies and grants.
ALTER TABLE mail_outbox FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON mail_outbox TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
-- Delivery works across companies: it reads, claims and settles what is not sent, and sweeps what is settled.
CREATE POLICY delivery_read ON mail_outbox FOR SELECT TO etter_system USING (true);
--> statement-breakpoint
CREATE POLICY delivery_settle ON mail_outbox FOR UPDATE TO etter_system USING (status <> 'sent') WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY delivery_sweep ON mail_outbox FOR DELETE TO etter_system USING (status IN ('sent', 'dead'));
--> statement-breakpoint
-- A mail that is given up, or taken up again by an operator, is told to its company's audit, and nothing else is.
CREATE POLICY delivery_tells ON audit_log FOR INSERT TO etter_system WITH CHECK (action IN ('mail.dead', 'mail.retry'));
--> statement-breakpoint
-- RETURNING needs SELECT: of the ids, since a request that queues a mail never reads one.
GRANT INSERT, SELECT (id, company_id) ON mail_outbox TO etter_app;
--> statement-breakpoint
GRANT SELECT, DELETE, UPDATE (status, attempts, due_at, sealed_token, last_error, provider_message_id, settled_at) ON mail_outbox TO etter_system;
--> statement-breakpoint
GRANT INSERT ON audit_log TO etter_system;

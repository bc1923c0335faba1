CREATE TABLE "mailed_tokens" (
	"company_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "mailed_tokens_pk" PRIMARY KEY("company_id","user_id","purpose"),
	CONSTRAINT "mailed_tokens_purpose" CHECK ("mailed_tokens"."purpose" in ('invite', 'reset'))
);
--> statement-breakpoint
ALTER TABLE "mailed_tokens" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "registrations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"company_id" uuid NOT NULL,
	"email" text NOT NULL,
	"password_hash" text NOT NULL,
	"first_name" text NOT NULL,
	"last_name" text NOT NULL,
	"company_name" text NOT NULL,
	"token_digest" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "registrations_email" UNIQUE("company_id","email"),
	CONSTRAINT "registrations_email_lower" CHECK ("registrations"."email" = lower("registrations"."email"))
);
--> statement-breakpoint
ALTER TABLE "registrations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "users_email_live";--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "previous_digest" "bytea";--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "rotated_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "mailed_tokens" ADD CONSTRAINT "mailed_tokens_user" FOREIGN KEY ("company_id","user_id") REFERENCES "public"."users"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registrations" ADD CONSTRAINT "registrations_company" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mailed_tokens_expires" ON "mailed_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "registrations_expires" ON "registrations" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_old" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "sessions_expires" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_verified" ON "users" USING btree ("email") WHERE "users"."deleted_at" is null and "users"."email_verified_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "users_company_email" ON "users" USING btree ("company_id","email") WHERE "users"."deleted_at" is null;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_rotation" CHECK (("sessions"."previous_digest" is null) = ("sessions"."rotated_at" is null));--> statement-breakpoint
ALTER TABLE mailed_tokens FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE registrations FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON mailed_tokens TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON registrations TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON mailed_tokens, registrations TO etter_app;
--> statement-breakpoint
-- A registration that is confirmed makes its company; the policy lets it make the one of its context only.
GRANT INSERT ON companies TO etter_app;
--> statement-breakpoint
-- The sweep sees, in whichever company, what nobody can use any more, and nothing else.
CREATE POLICY sweep ON sessions TO etter_system USING (expires_at < now() - interval '30 days');
--> statement-breakpoint
CREATE POLICY sweep ON mailed_tokens TO etter_system USING (expires_at < now());
--> statement-breakpoint
CREATE POLICY sweep ON registrations TO etter_system USING (expires_at < now());
--> statement-breakpoint
CREATE POLICY sweep ON idempotency_keys TO etter_system USING (created_at < now() - interval '24 hours');
--> statement-breakpoint
GRANT DELETE ON sessions, mailed_tokens, registrations, idempotency_keys TO etter_system;
--> statement-breakpoint
GRANT SELECT (id, expires_at) ON sessions TO etter_system;
--> statement-breakpoint
GRANT SELECT (company_id, user_id, purpose, expires_at) ON mailed_tokens TO etter_system;
--> statement-breakpoint
GRANT SELECT (id, expires_at) ON registrations TO etter_system;
--> statement-breakpoint
GRANT SELECT (company_id, user_id, route, key, created_at) ON idempotency_keys TO etter_system;
--> statement-breakpoint
-- Only a proved address signs in: somebody invited elsewhere with the same address is not found at all.
DROP FUNCTION app.find_login(text);
--> statement-breakpoint
CREATE FUNCTION app.find_login(address text)
RETURNS TABLE (id uuid, company_id uuid, password_hash text, password_version integer, is_active boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.id, u.company_id, u.password_hash, u.password_version, u.is_active
  FROM public.users u
  WHERE u.email = address AND u.deleted_at IS NULL AND u.email_verified_at IS NOT NULL
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app.find_login(text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.find_login(text) TO etter_app;
--> statement-breakpoint
GRANT CREATE ON SCHEMA app TO etter_definer;
--> statement-breakpoint
ALTER FUNCTION app.find_login(text) OWNER TO etter_definer;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA app FROM etter_definer;

-- A person who moves to another company keeps their id: the key becomes (company_id, id), and an id is live once. What they
-- made stays where it was made, and goes on pointing at their closed row there. See docs/design/people.md.
ALTER TABLE "users" DROP CONSTRAINT "users_pkey";--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_pk" PRIMARY KEY("company_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_at" ON "audit_log" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "audit_log_actor" ON "audit_log" USING btree ("actor_user_id","at","id");--> statement-breakpoint
CREATE INDEX "audit_log_target" ON "audit_log" USING btree ("target_id","at","id");--> statement-breakpoint
CREATE INDEX "companies_created" ON "companies" USING btree ("created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_id_live" ON "users" USING btree ("id") WHERE "users"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "users_created" ON "users" USING btree ("created_at","id") WHERE "users"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "users_company_group" ON "users" USING btree ("company_id","group","created_at","id") WHERE "users"."deleted_at" is null;--> statement-breakpoint
-- A Super Admin reaches every company: nobody becomes one by a group alone, and nobody else is in the platform company.
ALTER TABLE "users" ADD CONSTRAINT "users_platform" CHECK (("users"."group" = 'Super Admin') = ("users"."company_id" = '00000000-0000-4000-8000-000000000001'));--> statement-breakpoint
-- Refuses, besides a dead session, everybody who is not a Super Admin by their row: the token's word is not enough here.
CREATE FUNCTION app.enter_super_admin(company uuid, caller uuid, session uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
BEGIN
  PERFORM app.enter_session(company, caller, session, at);
  IF NOT EXISTS (
    SELECT FROM public.users u
    WHERE u.company_id = company AND u.id = caller AND u."group" = 'Super Admin' AND u.is_active AND u.deleted_at IS NULL
  ) THEN
    RAISE EXCEPTION 'caller is no Super Admin' USING ERRCODE = 'ET401';
  END IF;
END
$$;
--> statement-breakpoint
-- Opens a look across companies for the rest of the transaction. It cannot be had without its row in the audit.
CREATE FUNCTION app.enter_across(company uuid, caller uuid, session uuid, at timestamptz, record jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
BEGIN
  PERFORM app.enter_super_admin(company, caller, session, at);
  INSERT INTO public.audit_log SELECT (jsonb_populate_record(NULL::public.audit_log, record)).*;
  PERFORM set_config('role', 'etter_system', true);
END
$$;
--> statement-breakpoint
-- Opens the context of another company to a Super Admin: its policies hold, and nothing of any third company shows.
CREATE FUNCTION app.enter_foreign(company uuid, caller uuid, session uuid, at timestamptz, other uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
BEGIN
  PERFORM app.enter_super_admin(company, caller, session, at);
  PERFORM app.enter_company(other);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app.enter_super_admin(uuid, uuid, uuid, timestamptz), app.enter_across(uuid, uuid, uuid, timestamptz, jsonb),
  app.enter_foreign(uuid, uuid, uuid, timestamptz, uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.enter_super_admin(uuid, uuid, uuid, timestamptz), app.enter_across(uuid, uuid, uuid, timestamptz, jsonb),
  app.enter_foreign(uuid, uuid, uuid, timestamptz, uuid) TO etter_app;
--> statement-breakpoint
CREATE POLICY across ON companies FOR SELECT TO etter_system USING (true);
--> statement-breakpoint
CREATE POLICY across ON users FOR SELECT TO etter_system USING (true);
--> statement-breakpoint
CREATE POLICY across ON audit_log FOR SELECT TO etter_system USING (true);
--> statement-breakpoint
GRANT SELECT ON companies, audit_log TO etter_system;
--> statement-breakpoint
GRANT SELECT (id, company_id, email, first_name, last_name, "group", is_active, email_verified_at, image_url, theme_config, created_at,
  last_login_at, deleted_at) ON users TO etter_system;
--> statement-breakpoint
-- Of a company, besides making it, its name and pictures.
GRANT UPDATE (name, logo_url, light_theme_image_url, dark_theme_image_url, updated_at) ON companies TO etter_app;

-- Tenancy: roles, the functions that open a context, policies, grants. drizzle-kit knows none of these, so they are
-- written by hand; a test compares the catalogue with a list. See docs/design/tenancy.md.

-- Roles belong to the cluster, not to this database: made when missing, never dropped by a down migration, and
-- without a password (an operator sets etter_app's; see docs/operations.md).
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'etter_app') THEN CREATE ROLE etter_app LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'etter_system') THEN CREATE ROLE etter_system NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'etter_definer') THEN CREATE ROLE etter_definer NOLOGIN; END IF;
  -- A context, not a privilege: etter_app may *enter* etter_system for a transaction, and inherits nothing of it.
  IF NOT pg_has_role('etter_app', 'etter_system', 'SET') THEN
    GRANT etter_system TO etter_app WITH INHERIT FALSE, SET TRUE;
  END IF;
  -- To give a function to etter_definer, the migrating role must be able to become it.
  IF NOT pg_has_role(current_user, 'etter_definer', 'SET') THEN
    EXECUTE format('GRANT etter_definer TO %I WITH INHERIT FALSE, SET TRUE', current_user);
  END IF;
END
$$;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
--> statement-breakpoint
REVOKE ALL ON SCHEMA public FROM PUBLIC;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO etter_app, etter_system, etter_definer;
--> statement-breakpoint
CREATE SCHEMA app;
--> statement-breakpoint
GRANT USAGE ON SCHEMA app TO etter_app, etter_system;
--> statement-breakpoint
-- Opens the tenant context for the rest of the transaction and says in the same statement whether the caller's
-- session still lives: SQLSTATE ET401 when it does not. First statement of every batch of a signed-in caller.
CREATE FUNCTION app.enter_session(company uuid, caller uuid, session uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
BEGIN
  PERFORM set_config('app.company_id', company::text, true);
  IF NOT EXISTS (
    SELECT FROM public.sessions s
    WHERE s.company_id = company AND s.id = session AND s.user_id = caller
      AND s.ended_at IS NULL AND s.expires_at > at
  ) THEN
    RAISE EXCEPTION 'session is not live' USING ERRCODE = 'ET401';
  END IF;
END
$$;
--> statement-breakpoint
-- The same without a session: for work that has no caller (sign-in, a run's object, the clock).
CREATE FUNCTION app.enter_company(company uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
BEGIN
  PERFORM set_config('app.company_id', company::text, true);
END
$$;
--> statement-breakpoint
-- Before sign-in nobody knows the company of an address: the one look-up that sees all of them.
CREATE FUNCTION app.find_login(address text)
RETURNS TABLE (id uuid, company_id uuid, password_hash text, password_version integer, is_active boolean, email_verified boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.id, u.company_id, u.password_hash, u.password_version, u.is_active, u.email_verified_at IS NOT NULL
  FROM public.users u
  WHERE u.email = address AND u.deleted_at IS NULL
$$;
--> statement-breakpoint
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO etter_app;
--> statement-breakpoint
-- The new owner of a function needs CREATE on its schema at that moment only.
GRANT CREATE ON SCHEMA app TO etter_definer;
--> statement-breakpoint
ALTER FUNCTION app.find_login(text) OWNER TO etter_definer;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA app FROM etter_definer;
--> statement-breakpoint
-- The platform company, before FORCE binds the owner. The down migration leaves the row (people may belong to it).
INSERT INTO companies (id, name, is_platform, created_at, updated_at)
VALUES ('00000000-0000-4000-8000-000000000001', 'Etter', true, date_trunc('milliseconds', now()), date_trunc('milliseconds', now()))
ON CONFLICT DO NOTHING;
--> statement-breakpoint
ALTER TABLE companies FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE users FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE simulations FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE simulation_series FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE company_roles FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- One policy a table for the tenant. The sub-select is evaluated once a statement; no OR, since it would cost the
-- index: those who see more than one company enter another role. After a transaction the setting is '', hence nullif.
CREATE POLICY tenant ON companies TO etter_app
  USING (id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON users TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON sessions TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON audit_log TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON simulations TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON idempotency_keys TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON company_roles TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY tenant ON simulation_series TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
CREATE POLICY sweep ON simulations FOR SELECT TO etter_system USING (completed_at IS NULL);
--> statement-breakpoint
CREATE POLICY login ON users FOR SELECT TO etter_definer USING (deleted_at IS NULL);
--> statement-breakpoint
GRANT SELECT ON companies TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON users, sessions TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT ON audit_log TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON simulations TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON idempotency_keys TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON company_roles TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON simulation_series TO etter_app;
--> statement-breakpoint
GRANT SELECT (id, company_id, status, created_at, completed_at) ON simulations TO etter_system;
--> statement-breakpoint
GRANT SELECT (id, company_id, email, password_hash, password_version, is_active, email_verified_at, deleted_at) ON users TO etter_definer;

-- Roles stay: they belong to the cluster and other databases may use them.
DROP POLICY login ON users;
DROP POLICY sweep ON simulations;
DROP POLICY tenant ON idempotency_keys;
DROP POLICY tenant ON company_roles;
DROP POLICY tenant ON simulation_series;
DROP POLICY tenant ON simulations;
DROP POLICY tenant ON audit_log;
DROP POLICY tenant ON sessions;
DROP POLICY tenant ON users;
DROP POLICY tenant ON companies;
ALTER TABLE idempotency_keys NO FORCE ROW LEVEL SECURITY;
ALTER TABLE company_roles NO FORCE ROW LEVEL SECURITY;
ALTER TABLE simulation_series NO FORCE ROW LEVEL SECURITY;
ALTER TABLE simulations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
ALTER TABLE companies NO FORCE ROW LEVEL SECURITY;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM etter_app, etter_system, etter_definer;
-- Column grants are not covered by REVOKE … ON ALL TABLES of the whole table.
REVOKE SELECT (id, company_id, status, created_at, completed_at) ON simulations FROM etter_system;
REVOKE SELECT (id, company_id, email, password_hash, password_version, is_active, email_verified_at, deleted_at) ON users FROM etter_definer;
DROP FUNCTION app.find_login(text);
DROP FUNCTION app.enter_company(uuid);
DROP FUNCTION app.enter_session(uuid, uuid, uuid, timestamptz);
DROP SCHEMA app;
REVOKE USAGE ON SCHEMA public FROM etter_app, etter_system, etter_definer;
GRANT USAGE ON SCHEMA public TO PUBLIC;
DO $$
BEGIN
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database());
END
$$;

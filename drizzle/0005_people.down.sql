REVOKE UPDATE (name, logo_url, light_theme_image_url, dark_theme_image_url, updated_at) ON companies FROM etter_app;
REVOKE SELECT (id, company_id, email, first_name, last_name, "group", is_active, email_verified_at, image_url, theme_config, created_at,
  last_login_at, deleted_at) ON users FROM etter_system;
REVOKE SELECT ON companies, audit_log FROM etter_system;
DROP POLICY across ON audit_log;
DROP POLICY across ON users;
DROP POLICY across ON companies;
DROP FUNCTION app.enter_foreign(uuid, uuid, uuid, timestamptz, uuid);
DROP FUNCTION app.enter_across(uuid, uuid, uuid, timestamptz, jsonb);
DROP FUNCTION app.enter_super_admin(uuid, uuid, uuid, timestamptz);
ALTER TABLE users DROP CONSTRAINT users_platform;
DROP INDEX users_company_group, users_created, users_id_live, companies_created, audit_log_target, audit_log_actor, audit_log_at;
ALTER TABLE users DROP CONSTRAINT users_pk;
-- Refuses (duplicate key) while somebody has moved between companies: their two rows share an id.
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id);

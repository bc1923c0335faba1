-- Refuses (duplicate key) while two companies have a person with the same address: delete one of the two first.
DROP FUNCTION app.find_login(text);
CREATE FUNCTION app.find_login(address text)
RETURNS TABLE (id uuid, company_id uuid, password_hash text, password_version integer, is_active boolean, email_verified boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.id, u.company_id, u.password_hash, u.password_version, u.is_active, u.email_verified_at IS NOT NULL
  FROM public.users u
  WHERE u.email = address AND u.deleted_at IS NULL
$$;
REVOKE ALL ON FUNCTION app.find_login(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.find_login(text) TO etter_app;
GRANT CREATE ON SCHEMA app TO etter_definer;
ALTER FUNCTION app.find_login(text) OWNER TO etter_definer;
REVOKE CREATE ON SCHEMA app FROM etter_definer;
REVOKE SELECT (company_id, user_id, route, key, created_at) ON idempotency_keys FROM etter_system;
REVOKE SELECT (id, expires_at) ON sessions FROM etter_system;
REVOKE DELETE ON sessions, idempotency_keys FROM etter_system;
DROP POLICY sweep ON idempotency_keys;
DROP POLICY sweep ON sessions;
REVOKE INSERT ON companies FROM etter_app;
DROP TABLE registrations, mailed_tokens;
DROP INDEX idempotency_keys_old, sessions_expires, users_email_verified, users_company_email;
ALTER TABLE sessions DROP COLUMN previous_digest, DROP COLUMN rotated_at;
CREATE UNIQUE INDEX users_email_live ON users USING btree (email) WHERE users.deleted_at IS NULL;

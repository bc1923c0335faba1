DROP INDEX users_company_email_part, users_company_active, users_company_created;
CREATE INDEX users_company_created ON users USING btree (company_id, created_at, id);
DROP EXTENSION btree_gin;
DROP EXTENSION pg_trgm;

-- Both are trusted: who owns the database may make them, no superuser is needed.
CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
-- Gives GIN the company as a column: a search costs what the own company has, not what all have.
CREATE EXTENSION IF NOT EXISTS btree_gin;--> statement-breakpoint
DROP INDEX "users_company_created";--> statement-breakpoint
CREATE INDEX "users_company_active" ON "users" USING btree ("company_id","is_active","created_at","id") WHERE "users"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "users_company_email_part" ON "users" USING gin ("company_id","email" gin_trgm_ops) WHERE "users"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "users_company_created" ON "users" USING btree ("company_id","created_at","id") WHERE "users"."deleted_at" is null;

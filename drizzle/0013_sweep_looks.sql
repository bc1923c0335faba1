-- The clock also looks whether what can be read is still at S3: ids and versions of it, of every company.
DROP POLICY sweep ON documents;
--> statement-breakpoint
CREATE POLICY sweep ON documents FOR SELECT TO etter_system USING (due_at IS NOT NULL OR status IN ('scanning', 'ready'));
--> statement-breakpoint
GRANT SELECT (version) ON documents TO etter_system;

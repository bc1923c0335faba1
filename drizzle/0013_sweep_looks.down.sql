REVOKE SELECT (version) ON documents FROM etter_system;
DROP POLICY sweep ON documents;
CREATE POLICY sweep ON documents FOR SELECT TO etter_system USING (due_at IS NOT NULL);

DROP FUNCTION app.documents_named(text);
DROP POLICY search ON documents;
REVOKE SELECT (id, company_id, status, original_filename) ON documents FROM etter_definer;
DROP INDEX documents_named;

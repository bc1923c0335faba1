DROP TRIGGER stored_bytes_inserted ON documents;
DROP TRIGGER stored_bytes_updated ON documents;
DROP TRIGGER stored_bytes_deleted ON documents;
DROP FUNCTION app.count_stored_bytes();
DROP TABLE company_storage;
CREATE INDEX documents_company_stored ON documents USING btree (company_id, status, size_bytes);

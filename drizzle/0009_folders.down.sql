GRANT SELECT (company_id, path, deleting_since) ON folders TO etter_system;
CREATE POLICY sweep ON folders FOR SELECT TO etter_system USING (deleting_since IS NOT NULL);
DROP TABLE folder_deletion_items, folder_deletions;
DROP INDEX documents_listed_folder, documents_listed_role, documents_listed_status, documents_listed_type,
  documents_listed_creator, documents_company_created, documents_company_folder;
CREATE INDEX documents_company_created ON documents USING btree (company_id, created_at, id);
CREATE INDEX documents_company_folder ON documents USING btree (company_id, folder_path);
DROP INDEX folders_company_parent;
ALTER TABLE folders DROP COLUMN parent;
CREATE INDEX folders_deleting ON folders USING btree (deleting_since) WHERE deleting_since IS NOT NULL;

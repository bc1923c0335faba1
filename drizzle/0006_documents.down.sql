DROP TABLE upload_parts, upload_sessions, documents, folders;

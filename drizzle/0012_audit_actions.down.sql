DROP INDEX audit_log_action;
DROP INDEX audit_log_company_action;

DROP TABLE company_roles, idempotency_keys, simulation_series, simulations, audit_log, sessions, users, companies;

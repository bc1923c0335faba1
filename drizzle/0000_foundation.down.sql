DROP TABLE simulation_series, simulations, audit_log, sessions, users, companies;

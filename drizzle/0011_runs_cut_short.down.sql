REVOKE DELETE ON simulation_series FROM etter_app;
ALTER TABLE simulations DROP COLUMN iterations_done;

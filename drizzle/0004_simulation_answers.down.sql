DROP INDEX simulations_same_input;
ALTER TABLE simulations
  DROP COLUMN summary, DROP COLUMN input_digest, DROP COLUMN work_units, DROP COLUMN estimate;
ALTER TABLE simulation_series DROP COLUMN outcomes, DROP COLUMN quantiles;

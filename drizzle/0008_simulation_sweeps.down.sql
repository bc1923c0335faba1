-- The runs of sweeps stay, as runs of their own.
REVOKE SELECT (sweep_id) ON simulations FROM etter_system;
ALTER TABLE simulations
  DROP CONSTRAINT simulations_sweep_whole, DROP CONSTRAINT simulations_sweep_position, DROP CONSTRAINT simulations_sweep,
  DROP COLUMN sweep_position, DROP COLUMN sweep_id;
DROP TABLE simulation_sweeps;

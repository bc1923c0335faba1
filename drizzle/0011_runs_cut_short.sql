ALTER TABLE "simulations" ADD COLUMN "iterations_done" integer;
--> statement-breakpoint
-- By hand from here: what a run that was cut short had stored of its series goes, and its row stays.
GRANT DELETE ON simulation_series TO etter_app;

CREATE TABLE "simulation_sweeps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"company_id" uuid NOT NULL,
	"created_by" uuid NOT NULL,
	"name" text,
	"company_label" text NOT NULL,
	"model" text NOT NULL,
	"engine_version" text NOT NULL,
	"seed" bigint NOT NULL,
	"iterations" integer NOT NULL,
	"months" integer NOT NULL,
	"automation_factors" json NOT NULL,
	"input" json NOT NULL,
	"warnings" json NOT NULL,
	"estimate" json NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "simulation_sweeps_company_id_id" UNIQUE("company_id","id"),
	CONSTRAINT "simulation_sweeps_model" CHECK ("simulation_sweeps"."model" in ('classic', 'conserving')),
	CONSTRAINT "simulation_sweeps_factors" CHECK (json_array_length("simulation_sweeps"."automation_factors") between 1 and 101)
);
--> statement-breakpoint
ALTER TABLE "simulation_sweeps" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "simulations" ADD COLUMN "sweep_id" uuid;--> statement-breakpoint
ALTER TABLE "simulations" ADD COLUMN "sweep_position" integer;--> statement-breakpoint
ALTER TABLE "simulation_sweeps" ADD CONSTRAINT "simulation_sweeps_creator" FOREIGN KEY ("company_id","created_by") REFERENCES "public"."users"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "simulation_sweeps_company_created" ON "simulation_sweeps" USING btree ("company_id","created_at","id");--> statement-breakpoint
ALTER TABLE "simulations" ADD CONSTRAINT "simulations_sweep" FOREIGN KEY ("company_id","sweep_id") REFERENCES "public"."simulation_sweeps"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "simulations" ADD CONSTRAINT "simulations_sweep_position" UNIQUE("company_id","sweep_id","sweep_position");--> statement-breakpoint
ALTER TABLE "simulations" ADD CONSTRAINT "simulations_sweep_whole" CHECK (("simulations"."sweep_id" is null) = ("simulations"."sweep_position" is null));
--> statement-breakpoint
ALTER TABLE simulation_sweeps FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON simulation_sweeps TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
-- No UPDATE: a sweep is what was asked; how it goes is in its runs.
GRANT SELECT, INSERT, DELETE ON simulation_sweeps TO etter_app;
--> statement-breakpoint
-- The clock pokes the sweep of an unfinished run, not the run.
GRANT SELECT (sweep_id) ON simulations TO etter_system;

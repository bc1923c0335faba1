ALTER TABLE "simulation_series" ADD COLUMN "quantiles" json;--> statement-breakpoint
ALTER TABLE "simulation_series" ADD COLUMN "outcomes" json;--> statement-breakpoint
ALTER TABLE "simulations" ADD COLUMN "estimate" json;--> statement-breakpoint
ALTER TABLE "simulations" ADD COLUMN "work_units" bigint;--> statement-breakpoint
ALTER TABLE "simulations" ADD COLUMN "input_digest" "bytea";--> statement-breakpoint
ALTER TABLE "simulations" ADD COLUMN "summary" json;--> statement-breakpoint
CREATE INDEX "simulations_same_input" ON "simulations" USING btree ("company_id","input_digest","engine_version") WHERE "simulations"."status" = 'completed';
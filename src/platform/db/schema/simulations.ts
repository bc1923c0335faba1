import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { digest, instant } from "./columns.ts";
import { users } from "./users.ts";

/** One question at several automation factors. How it goes is what its runs say: it has no status of its own. */
export const simulationSweeps = pgTable(
  "simulation_sweeps",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id").notNull(),
    createdBy: uuid("created_by").notNull(),
    name: text(),
    /** The input's `company`, to filter by. */
    companyLabel: text("company_label").notNull(),
    model: text().notNull(),
    engineVersion: text("engine_version").notNull(),
    seed: bigint({ mode: "number" }).notNull(),
    /** Of each run. */
    iterations: integer().notNull(),
    months: integer().notNull(),
    /** In request order: a run's `sweep_position` counts from 0 in it. */
    automationFactors: json("automation_factors").$type<number[]>().notNull(),
    /** A valid request body, defaults filled in. */
    input: json().$type<unknown>().notNull(),
    /** Those that hold at every factor. */
    warnings: json().$type<unknown>().notNull(),
    estimate: json().$type<unknown>().notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    unique("simulation_sweeps_company_id_id").on(t.companyId, t.id),
    foreignKey({
      name: "simulation_sweeps_creator",
      columns: [t.companyId, t.createdBy],
      foreignColumns: [users.companyId, users.id],
    }),
    check("simulation_sweeps_model", sql`${t.model} in ('classic', 'conserving')`),
    check("simulation_sweeps_factors", sql`json_array_length(${t.automationFactors}) between 1 and 101`),
    index("simulation_sweeps_company_created").on(t.companyId, t.createdAt, t.id),
  ],
).enableRLS();

/** A run: what was asked, how it went, and its small results. Its series are rows of `simulation_series`. */
export const simulations = pgTable(
  "simulations",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id").notNull(),
    createdBy: uuid("created_by").notNull(),
    name: text(),
    /** The input's `company`, to filter by. */
    companyLabel: text("company_label").notNull(),
    status: text().notNull(),
    model: text().notNull(),
    engineVersion: text("engine_version").notNull(),
    seed: bigint({ mode: "number" }).notNull(),
    iterations: integer().notNull(),
    months: integer().notNull(),
    /** A valid request body, defaults filled in. json, not jsonb: kept to the letter, never searched. */
    input: json().$type<unknown>().notNull(),
    /** Each role's workloads and where they came from. */
    workloads: json().$type<unknown>().notNull(),
    warnings: json().$type<unknown>().notNull(),
    /** What it was thought to cost, and the work it took. Null, as the next two, for runs of the first days. */
    estimate: json().$type<unknown>(),
    workUnits: bigint("work_units", { mode: "number" }),
    /** Iterations done when a run ended that did not complete. Null where nobody could say. */
    iterationsDone: integer("iterations_done"),
    /** Of all that was asked, with the workloads that were found for it: the same digest is the same question. */
    inputDigest: digest("input_digest"),
    summary: json().$type<unknown>(),
    explanations: json().$type<unknown>(),
    error: jsonb().$type<{ code: string; detail: string }>(),
    createdAt: instant("created_at").notNull(),
    startedAt: instant("started_at"),
    completedAt: instant("completed_at"),
    /** The sweep that the run is part of, and which of its factors it has. */
    sweepId: uuid("sweep_id"),
    sweepPosition: integer("sweep_position"),
  },
  (t) => [
    unique("simulations_company_id_id").on(t.companyId, t.id),
    foreignKey({
      name: "simulations_creator",
      columns: [t.companyId, t.createdBy],
      foreignColumns: [users.companyId, users.id],
    }),
    check("simulations_status", sql`${t.status} in ('created', 'in_progress', 'completed', 'failed', 'cancelled')`),
    check("simulations_model", sql`${t.model} in ('classic', 'conserving')`),
    check(
      "simulations_end",
      sql`(${t.completedAt} is not null) = (${t.status} in ('completed', 'failed', 'cancelled'))`,
    ),
    foreignKey({
      name: "simulations_sweep",
      columns: [t.companyId, t.sweepId],
      foreignColumns: [simulationSweeps.companyId, simulationSweeps.id],
    }).onDelete("cascade"),
    unique("simulations_sweep_position").on(t.companyId, t.sweepId, t.sweepPosition),
    check("simulations_sweep_whole", sql`(${t.sweepId} is null) = (${t.sweepPosition} is null)`),
    index("simulations_company_created").on(t.companyId, t.createdAt, t.id),
    index("simulations_same_input")
      .on(t.companyId, t.inputDigest, t.engineVersion)
      .where(sql`${t.status} = 'completed'`),
    index("simulations_unfinished")
      .on(t.createdAt)
      .where(sql`${t.completedAt} is null`),
  ],
).enableRLS();

/** The series of a finished run: part 0 is the organisation, part 1 … R the roles in request order. */
export const simulationSeries = pgTable(
  "simulation_series",
  {
    companyId: uuid("company_id").notNull(),
    simulationId: uuid("simulation_id").notNull(),
    part: integer().notNull(),
    /** `{key: [one number a Step]}`; json keeps every double to the letter. */
    columns: json().$type<Record<string, number[]>>().notNull(),
    /** The same for quantiles; null for roles whose quantiles did not fit the memory. */
    quantiles: json().$type<Record<string, number[]>>(),
    /** `{outcome: [one number an iteration]}`, with the organisation's part only. */
    outcomes: json().$type<Record<string, number[]>>(),
  },
  (t) => [
    primaryKey({ name: "simulation_series_pk", columns: [t.companyId, t.simulationId, t.part] }),
    foreignKey({
      name: "simulation_series_run",
      columns: [t.companyId, t.simulationId],
      foreignColumns: [simulations.companyId, simulations.id],
    }).onDelete("cascade"),
  ],
).enableRLS();

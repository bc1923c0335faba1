import { readFileSync } from "node:fs";
import type { EngineInput } from "../../../src/features/simulation/engine/index.ts";

/** A metric over the iterations of a reference run. */
export interface Estimate {
  mean: number;
  sd: number;
  min: number;
  max: number;
}

interface ReferenceFile {
  scenario: {
    automation_factor: number;
    n_months: number;
    model?: EngineInput["model"];
    oversight?: number;
    roles: {
      role: string;
      count: number;
      salary: number;
      workloads: { Name: string; Type: string; Skill: number; Time: number }[];
    }[];
  };
  iterations: number;
  steps: Record<string, Record<string, Estimate>>;
}

export interface Reference {
  input: EngineInput;
  iterations: number;
  /** By Step, then by metric. */
  steps: Record<string, Record<string, Estimate>>;
}

/** Names of the reference files of each model. */
export const REFERENCES: Record<EngineInput["model"], readonly string[]> = {
  classic: ["doc-example", "fully-automatable", "nothing-automatable", "one-of-each", "slow-adoption"],
  conserving: [
    "conserving-doc-example",
    "conserving-fully-automatable",
    "conserving-slow-adoption",
    "conserving-tenths",
    "conserving-three-auto",
  ],
};

/** Reads a reference run; its scenario becomes an input with the given seed. */
export function readReference(name: string, seed: number): Reference {
  const file = readJson(name) as ReferenceFile;
  const { scenario } = file;
  return {
    iterations: file.iterations,
    steps: file.steps,
    input: {
      model: scenario.model ?? "classic",
      oversight: scenario.oversight ?? 0.05,
      learnFactor: scenario.automation_factor,
      actFactor: scenario.automation_factor,
      months: scenario.n_months,
      seed,
      roles: scenario.roles.map(({ role, count, salary, workloads }) => ({
        name: role,
        count,
        salary,
        workloads: workloads.map(({ Name, Type, Skill, Time }) => ({
          name: Name,
          auto: Type === "Auto",
          skill: Skill,
          time: Time,
        })),
      })),
    },
  };
}

export interface ExactTraces {
  workloads: Record<string, [type: string, skill: number, time: number][]>;
  deterministic: {
    role: string;
    count: number;
    change_rows: [step: number, ...values: number[]][];
    last_row: [step: number, ...values: number[]];
  }[];
  reduce_cases: {
    in: [timeSavings: number, expected: number, capacity: number][];
    out_order: number[];
    out_expected: number[];
  }[];
}

export function readExactTraces(): ExactTraces {
  return readJson("exact-traces") as ExactTraces;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), "utf8"));
}

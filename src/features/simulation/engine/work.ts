import type { RoleTable } from "./role-table.ts";
import { ROLE_MONTH_UNITS } from "./runner.ts";
import type { Scenario } from "./scenario.ts";

/** Occupied levels come in about so many classes each, people being asked for different outputs. Fitted to runs. */
const CLASSES_PER_LEVEL = 1.45;

/**
 * Predicts the work units of one iteration: Σ over roles and Steps of (classes + ROLE_MONTH_UNITS). Within a third of
 * what `run` reports over the scenarios of the tests, tiny ones apart; costs no simulation.
 */
export function workPerIteration(scenario: Scenario): number {
  let work = 0;
  for (const role of scenario.roles) {
    for (let month = 0; month <= scenario.months; month++) {
      work += ROLE_MONTH_UNITS + predictedClasses(role, month, scenario.learnProbability, scenario.actProbability);
    }
  }
  return work;
}

/** The levels that people are spread over after so many months of learning, by a normal's reach, times a factor. */
function predictedClasses(role: RoleTable, month: number, learning: number, acting: number): number {
  const mean = month * learning;
  const spread = Math.sqrt(mean * (1 - learning));
  // The furthest of n normals lies about so far out; 32 − clz32 is the binary logarithm.
  const reach = 1 + 0.19 * (32 - Math.clz32(role.people));
  const lowest = Math.min(role.levels - 1, Math.max(0, mean - reach * spread));
  const highest = Math.min(role.levels - 1, month, mean + reach * spread);
  const levels = Math.max(0, highest - lowest) + 1;
  return Math.min(role.people, levels * (acting > 0 && month > 0 ? CLASSES_PER_LEVEL : 1));
}

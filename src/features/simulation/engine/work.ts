import { ROLE_MONTH_UNITS } from "./runner.ts";
import type { Scenario } from "./scenario.ts";

/** Predicted work units (class-months) of one iteration. */
export function workPerIteration(scenario: Scenario): number {
  return scenario.roles.reduce(
    (sum, role) => sum + (scenario.months + 1) * (Math.min(role.people, 3 + 1.2 * role.levels) + ROLE_MONTH_UNITS),
    0,
  );
}

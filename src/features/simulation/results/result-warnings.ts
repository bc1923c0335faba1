import { roleFloor, type EngineResult, type Scenario } from "../engine/index.ts";
import type { Warning } from "../warnings.ts";

/** Share of the people at the start: fewer than this above the floor count as having arrived. */
const nearTheFloor = 0.05;
/** Rounding of a floor that is a whole number of people. */
const floorRounding = 1e-9;

/** What only the results can warn of. */
export function resultWarnings(scenario: Scenario, { outcomes, organisation, steps }: EngineResult): Warning[] {
  const warnings: Warning[] = [];
  const above = (organisation.employees.mean[steps - 1] ?? 0) - fewestPeople(scenario);
  // Where nobody learns or nobody is ever let go, a longer horizon would change nothing.
  const changes = scenario.learnProbability > 0 && scenario.actProbability > 0;
  if (changes && above > nearTheFloor * scenario.initialPeople)
    warnings.push({ code: "horizon_before_floor", value: above });
  const { overloadedPeople } = outcomes;
  const overloaded = overloadedPeople.reduce((sum, count) => sum + count, 0) / overloadedPeople.length;
  if (overloaded > 0) warnings.push({ code: "people_overloaded", value: overloaded });
  return warnings;
}

/** The floor in whole people, role by role, none of which loses its last. */
const fewestPeople = (scenario: Scenario): number =>
  scenario.roles.reduce((sum, role) => sum + Math.max(1, Math.ceil(roleFloor(scenario, role) - floorRounding)), 0);

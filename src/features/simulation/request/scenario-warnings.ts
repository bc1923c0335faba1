import { keepsRoleQuantiles, type Scenario } from "../engine/index.ts";
import type { Warning } from "../warnings.ts";

/** What a reader ought to know before the run, from the tables the engine makes of its input. */
export function scenarioWarnings(scenario: Scenario): Warning[] {
  const gains = scenario.months * scenario.learnProbability;
  const warnings: Warning[] = scenario.roles
    .filter(({ automationRate }) => gains < automationRate.findIndex((rate) => rate > 0))
    .map(({ name }) => ({ code: "below_adoption", role: name, value: gains }));
  if (!keepsRoleQuantiles(scenario)) warnings.push({ code: "role_quantiles_dropped" });
  return warnings;
}

/**
 * What a run can warn its reader of, and when it does. A closed list: clients translate the codes. `role` names the role
 * that a warning is about; without it the warning is about the whole run.
 */
export const warnings = {
  role_from_fallback: "Nobody knows this role: the default role's workloads stand in for its own.",
  provider_fallback: "The service for workloads could not say for this role: the catalogue stands in.",
  skill_never_reached: "A workload of this role needs a Skill (`value`) above 1, which nobody reaches.",
  nothing_automatable: "No workload of this role is `Auto`.",
  below_adoption:
    "People of this role have `value` gains of knowledge on average in n_months, fewer than it takes to automate the first workload.",
  few_iterations: "Below 30 iterations (`value`) the tails are left to luck.",
  horizon_before_floor:
    "The run ends early: `value` more people are left on average than there need be once all is learnt, above 5 % of those at the start.",
  people_overloaded: "At the end `value` people on average are asked for more than their time.",
  times_do_not_add_up: "The Times of this role's workloads add up to `value`, more than 0.01 away from 1.",
  role_quantiles_dropped:
    "Roles × (n_months + 1) is above 2048: `?quantiles=` gives the organisation's keys only, the roles' do not fit the memory.",
} as const;

export type WarningCode = keyof typeof warnings;
export const warningCodes = Object.keys(warnings) as [WarningCode, ...WarningCode[]];

export interface Warning {
  readonly code: WarningCode;
  readonly role?: string;
  readonly value?: number;
}

/** What a run can warn its reader of. A closed list: clients translate it. */
export const warningCodes = [
  "role_from_fallback",
  "provider_fallback",
  "skill_never_reached",
  "nothing_automatable",
  "times_do_not_add_up",
  "few_iterations",
] as const;
export type WarningCode = (typeof warningCodes)[number];

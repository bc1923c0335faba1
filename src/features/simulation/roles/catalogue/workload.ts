import type { Workload } from "../workload-schemas.ts";

/** Work that could run by itself once `skill` (0.05 … 1) is known; `time` is its share of the role's working time. */
export const auto = (name: string, skill: number, time: number, reason: string): Workload => ({
  Name: name,
  Type: "Auto",
  Skill: skill,
  Time: time,
  Reason: reason,
});

/** Work that stays with a person, however much is known; `skill` then only describes what that person must know. */
export const person = (name: string, skill: number, time: number, reason: string): Workload => ({
  Name: name,
  Type: "Non-Auto",
  Skill: skill,
  Time: time,
  Reason: reason,
});

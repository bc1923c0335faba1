import type { EngineRole } from "../engine/index.ts";
import type { SeriesPart } from "./series.ts";
import { figure, number, percent, plainText, sentence } from "./wording.ts";

export interface Explanation {
  readonly role: string;
  /** Markdown. */
  readonly explanation: string;
}

const monthsPerYear = 12;
/** Mean cuts below a tenth of a person in all are called none. */
const significantReduction = 0.1;
/** More than this share of the cuts in one half of the years makes them early or late. */
const lopsided = 0.6;
const hardSkill = 0.7;
const easySkill = 0.5;
const mostOfTheTime = 0.5;
/** What stands exactly on a threshold stays there, in whatever order its parts were added up. */
const rounding = 1e-9;
const isAbove = (value: number, threshold: number): boolean => value > threshold + rounding;
const isBelow = (value: number, threshold: number): boolean => value < threshold - rounding;

/** What happens to each role and why, in words: `parts` are the series of a finished run, roles in request order. */
export function explain(roles: readonly EngineRole[], parts: readonly SeriesPart[]): Explanation[] {
  return roles.map((role, index) => ({
    role: role.name,
    explanation: [
      `## ${plainText(role.name)}`,
      startOf(role),
      workOf(role),
      changeOf(parts[index + 1]?.["count_mean"] ?? []),
      factorsOf(role),
    ].join("\n\n"),
  }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);

function startOf({ count, salary }: EngineRole): string {
  if (count === 1) return `1 person works in this role at the start, paid ${figure(salary)} a year.`;
  return `${number(count)} people work in this role at the start, each paid ${figure(salary)} a year; together ${figure(count * salary)} a year.`;
}

function workOf({ workloads }: EngineRole): string {
  const auto = workloads.filter((w) => w.auto);
  const total = sum(workloads.map((w) => w.time));
  const share = sum(auto.map((w) => w.time)) / total;
  const lines = workloads.map(
    (w) =>
      `- ${plainText(w.name)}: ${w.auto ? "could run by itself" : "needs a person"}, ${percent(w.time / total)} of the time, skill ${number(w.skill, 2)}`,
  );
  const skills = [
    auto.length > 0 ? `mean skill of the automatable ones ${number(mean(auto.map((w) => w.skill)), 2)}` : undefined,
    auto.length < workloads.length
      ? `of the others ${number(mean(workloads.filter((w) => !w.auto).map((w) => w.skill)), 2)}`
      : undefined,
  ].filter((part) => part !== undefined);
  return `**Work.** ${sentence(percent(share))} of the time could be automated; ${skills.join(", ")}.\n\n${lines.join("\n")}`;
}

/** `counts`: mean head count by Step. Months after the last whole year count as a year of their own. */
function changeOf(counts: readonly number[]): string {
  const last = counts.length - 1;
  const years = Math.ceil(last / monthsPerYear);
  const at = (year: number): number => counts[Math.min(last, year * monthsPerYear)] ?? 0;
  const cuts = Array.from({ length: Math.max(0, years) }, (_, index) => at(index) - at(index + 1));
  const rest = last % monthsPerYear;
  const lines = cuts.map((cut, index) => {
    const part = index === years - 1 && rest > 0 ? ` (${rest} ${rest === 1 ? "month" : "months"})` : "";
    return `- Year ${index + 1}${part}: ${signed(-cut)} people`;
  });
  const total = at(0) - at(years);
  return `**Head count.** ${timingOf(cuts, total)}\n\n${lines.join("\n")}\n- In all: ${signed(-total)} people`;
}

const signed = (value: number): string =>
  `${value > 0.005 ? "+" : ""}${number(Math.abs(value) < 0.005 ? 0 : value, 2)}`;

function timingOf(cuts: readonly number[], total: number): string {
  if (isBelow(total, significantReduction)) return "There is no significant reduction.";
  const fewer = `On average ${number(total, 2)} people fewer at the end`;
  if (cuts.length === 1) return `${fewer}.`;
  const half = cuts.length / 2;
  const early = sum(cuts.slice(0, Math.floor(half))) / total;
  const late = sum(cuts.slice(Math.ceil(half))) / total;
  if (isAbove(early, lopsided)) return `${fewer}, most of it early: ${percent(early)} in the first half of the years.`;
  if (isAbove(late, lopsided)) return `${fewer}, most of it late: ${percent(late)} in the second half of the years.`;
  return `${fewer}, balanced over the years.`;
}

function factorsOf({ workloads }: EngineRole): string {
  const auto = workloads.filter((w) => w.auto);
  const skill = mean(auto.map((w) => w.skill));
  const total = sum(workloads.map((w) => w.time));
  const manual = sum(workloads.filter((w) => !w.auto).map((w) => w.time)) / total;
  const factors = [
    auto.length > workloads.length - auto.length ? "More of the workloads can be automated than not." : undefined,
    auto.length > 0 && isAbove(skill, hardSkill)
      ? "The automatable work needs much skill, which slows the change."
      : undefined,
    auto.length > 0 && isBelow(skill, easySkill)
      ? "The automatable work needs little skill, which speeds the change up."
      : undefined,
    isAbove(manual, mostOfTheTime)
      ? `${sentence(percent(manual))} of the time cannot be automated, which limits the change.`
      : undefined,
  ].filter((factor) => factor !== undefined);
  return `**Key factors.** ${factors.length === 0 ? "Nothing stands out." : factors.join(" ")}`;
}

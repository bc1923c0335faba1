import { describe, expect, it } from "vitest";
import { createRunner, iterationPath } from "../../../src/features/simulation/engine/index.ts";
import { finishedRun, type FinishedRun } from "../../support/finished-run.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import { randomBody, type RandomBody } from "./random-bodies.ts";

const SEED = Number(process.env["ANSWERS_SEED"] ?? 20_261_123);
const SCENARIOS = 80;

interface Case extends FinishedRun {
  readonly body: RandomBody;
  /** Every future, worked out on its own: people and yearly pay by Step. */
  readonly futures: readonly { readonly people: Float64Array; readonly pay: Float64Array }[];
}

const chance = plainRandom(SEED);
const cases: Case[] = Array.from({ length: SCENARIOS }, () => {
  const body = randomBody(chance);
  const run = finishedRun(body);
  const runner = createRunner(run.scenario);
  const futures = Array.from({ length: body.n_iterations }, (_, iteration) => {
    const { organisation } = iterationPath(run.scenario, runner, iteration);
    return { people: organisation.employees, pay: organisation.total_salary_of_employees };
  });
  return { ...run, body, futures };
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const quantile = (values: readonly number[], p: number) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(p * values.length - 1e-9) - 1)]!;

/** Every number of a text, in order, with how far rounding to its last digit may have moved it. */
const numbersOf = (text: string) =>
  // Little is not told as nothing: both round to what stands here.
  (
    text
      .replace(/under 1 %/gi, "0 %")
      .replace(/over 99 %/gi, "100 %")
      .match(/[-+]?\d{1,3}(?:,\d{3})*(?:\.\d+)?/g) ?? []
  ).map((found) => ({
    value: Number(found.replaceAll(",", "")),
    rounding: 0.5000001 * 10 ** -(found.split(".")[1]?.length ?? 0),
  }));

function expectNumbers(text: string, expected: readonly number[]): void {
  const found = numbersOf(text);
  const shown = `${text}\nexpected ${expected.join(", ")}`;
  expect(found.length, shown).toBe(expected.length);
  for (const [index, { value, rounding }] of found.entries()) {
    const wanted = expected[index]!;
    expect(Math.abs(value - wanted), `number ${index + 1}: ${value}, not ${wanted}\n${shown}`).toBeLessThanOrEqual(
      rounding + 1e-12 * Math.abs(wanted),
    );
  }
}

const cutsOf = (people: Float64Array) => Array.from(people.slice(1), (left, month) => people[month]! - left);
const firstCut = (people: Float64Array) => cutsOf(people).findIndex((cut) => cut > 0) + 1;

/** The work of a role that is left once all is learnt, from the words of the model. */
function floorOf({
  model,
  oversight = 0.05,
  automation_factor,
  learn_factor,
}: RandomBody): (role: RandomBody["roles"][number]) => number {
  return ({ count, workloads }) => {
    const learns = (learn_factor ?? automation_factor) > 0;
    const automated = new Set(workloads.filter(({ Type, Skill }) => Type === "Auto" && Skill === 0));
    const byTime = workloads.filter(({ Type }) => Type === "Auto").toSorted((a, b) => b.Time - a.Time);
    for (const workload of learns ? byTime : []) {
      if (workload.Skill > 1) break;
      automated.add(workload);
    }
    const share = model === "conserving" ? oversight : 0;
    return count * sum(workloads.map((one) => (automated.has(one) ? share * one.Time : one.Time)));
  };
}

describe(`what is said of ${SCENARIOS} random runs (ANSWERS_SEED=${SEED})`, () => {
  it("in the explanations: every number is the result's or the input's", () => {
    for (const { body, outcome } of cases) {
      expect(outcome.explanations.map(({ role }) => role)).toEqual(body.roles.map(({ role }) => role));
      for (const [index, role] of body.roles.entries()) {
        const text = outcome.explanations[index]!.explanation;
        expectNumbers(text, numbersOfRole(role, outcome.parts[index + 1]!["count_mean"]!));
      }
    }
  });

  it("in the explanations: the words are those of the numbers", () => {
    for (const { body, outcome } of cases)
      for (const [index, role] of body.roles.entries()) {
        const text = outcome.explanations[index]!.explanation;
        const { total, early, late, years } = changeOf(outcome.parts[index + 1]!["count_mean"]!);
        const told = (words: string) => text.includes(words);
        const some = total >= 0.1 - 1e-9 && years > 1;
        expect(told("There is no significant reduction."), text).toBe(total < 0.1 - 1e-9);
        expect(told("most of it early"), text).toBe(some && early > 0.6 + 1e-9);
        expect(told("most of it late"), text).toBe(some && early <= 0.6 + 1e-9 && late > 0.6 + 1e-9);
        expect(told("balanced over the years"), text).toBe(some && early <= 0.6 + 1e-9 && late <= 0.6 + 1e-9);
        const auto = role.workloads.filter(({ Type }) => Type === "Auto");
        const skill = mean(auto.map(({ Skill }) => Skill));
        expect(told("More of the workloads"), text).toBe(auto.length > role.workloads.length / 2);
        expect(told("which slows"), text).toBe(skill > 0.7 + 1e-9);
        expect(told("which speeds"), text).toBe(skill < 0.5 - 1e-9);
        expect(told("which limits"), text).toBe(manualShare(role) > 0.5 + 1e-9);
      }
  });

  it("in the summary's text: every number is right by the futures themselves", () => {
    for (const run of cases) expectNumbers(run.outcome.summary.text, numbersOfSummary(run));
  });

  it("in the summary's figures: distributions, end, drivers, floor and half-way are right by the futures", () => {
    for (const { body, outcome, futures } of cases) {
      const { summary, parts } = outcome;
      const ends = futures.map(({ people }) => people.at(-1)!);
      const firsts = futures.map(({ people }) => firstCut(people)).filter((month) => month > 0);
      const { distributions: d } = summary;
      const expected: [keyof typeof d, number[]][] = [
        ["end_employees", ends],
        ["largest_monthly_cut", futures.map(({ people }) => Math.max(...cutsOf(people)))],
        ["first_month_with_cut", firsts],
        ["months_with_cuts", futures.map(({ people }) => cutsOf(people).filter((cut) => cut > 0).length)],
        ["pay_saved", futures.map(({ pay }) => sum(Array.from(pay.slice(1), (left) => (pay[0]! - left) / 12)))],
        ["overloaded_people", [...outcome.outcomes.overloaded_people]],
      ];
      for (const [name, values] of expected) {
        expect(d[name].iterations).toBe(values.length);
        expect(d[name].quantiles).toEqual(
          values.length === 0 ? [] : Array.from({ length: 21 }, (_, k) => quantile(values, k / 20)),
        );
        if (values.length === 0) expect(d[name].mean).toBeNull();
        else expect(d[name].mean).toBeCloseTo(mean(values), 9);
        if (values.length < 2) expect(d[name].standard_error).toBeNull();
      }
      expect(summary.share_without_cuts).toBe((futures.length - firsts.length) / futures.length);
      expect(summary.end.employees).toMatchObject({ min: Math.min(...ends), max: Math.max(...ends) });
      const error = summary.quantile_errors.employees;
      expect(Math.abs(summary.end.employees.p25 - quantile(ends, 0.25))).toBeLessThanOrEqual(error);
      expect(summary.floor_people).toBeCloseTo(sum(body.roles.map(floorOf(body))), 6);
      if (summary.drivers.length > 0) expect(sum(summary.drivers.map(({ share }) => share))).toBeCloseTo(1, 9);
      for (const { role, headcount_savings: fewer } of summary.drivers) {
        const index = body.roles.findIndex((one) => one.role === role);
        expect(fewer).toBe(body.roles[index]!.count - parts[index + 1]!["count_mean"]!.at(-1)!);
      }
    }
  });
});

function changeOf(counts: readonly number[]) {
  const last = counts.length - 1;
  const years = Math.ceil(last / 12);
  const cuts = Array.from({ length: years }, (_, year) => counts[12 * year]! - counts[Math.min(last, 12 * year + 12)]!);
  const total = counts[0]! - counts[last]!;
  const early = sum(cuts.slice(0, Math.floor(years / 2))) / total;
  const late = sum(cuts.slice(Math.ceil(years / 2))) / total;
  return { years, cuts, total, early, late, rest: last % 12 };
}

const timeOf = (workloads: readonly { Time: number }[]) => sum(workloads.map(({ Time }) => Time));
const manualShare = ({ workloads }: RandomBody["roles"][number]) =>
  timeOf(workloads.filter(({ Type }) => Type === "Non-Auto")) / timeOf(workloads);

function numbersOfRole(role: RandomBody["roles"][number], counts: readonly number[]): number[] {
  const { count, salary, workloads } = role;
  const skillOf = (type: string) => {
    const skills = workloads.filter(({ Type }) => Type === type).map(({ Skill }) => Skill);
    return skills.length === 0 ? [] : [mean(skills)];
  };
  const { cuts, total, early, late, years, rest } = changeOf(counts);
  const timing = years === 1 ? [] : early > 0.6 + 1e-9 ? [100 * early] : late > 0.6 + 1e-9 ? [100 * late] : [];
  return [
    ...(count === 1 ? [1, salary] : [count, salary, count * salary]),
    100 * (1 - manualShare(role)),
    ...skillOf("Auto"),
    ...skillOf("Non-Auto"),
    ...workloads.flatMap(({ Time, Skill }) => [(100 * Time) / timeOf(workloads), Skill]),
    ...(total < 0.1 - 1e-9 ? [] : [total, ...timing]),
    ...cuts.flatMap((cut, year) => [year + 1, ...(rest > 0 && year === years - 1 ? [rest] : []), -cut]),
    -total,
    ...(manualShare(role) > 0.5 + 1e-9 ? [100 * manualShare(role)] : []),
  ];
}

function numbersOfSummary({ body, outcome, futures }: Case): number[] {
  const { n_months: months, roles } = body;
  const start = sum(roles.map(({ count }) => count));
  const payroll = sum(roles.map(({ count, salary }) => count * salary));
  const ends = futures.map(({ people }) => people.at(-1)!);
  const same = new Set(ends).size === 1;
  const spread = same
    ? [futures.length]
    : [quantile(ends, 0.25), quantile(ends, 0.75), futures.length, Math.min(...ends), Math.max(...ends)];
  const people = [months, mean(ends), start, ...(futures.length === 1 ? [] : spread)];
  const savedAt = (step: number) => mean(futures.map(({ pay }) => payroll - pay[step]!));
  const saved = savedAt(months);
  const half = Array.from({ length: months + 1 }, (_, step) => savedAt(step)).findIndex(
    (value) => value >= saved / 2 - 1e-9 * saved,
  );
  const cash = mean(futures.map(({ pay }) => sum(Array.from(pay.slice(1), (left) => (payroll - left) / 12))));
  const shares = roles
    .map(({ count, salary }, index) => (count - outcome.parts[index + 1]!["count_mean"]!.at(-1)!) * salary)
    .filter((value) => value > 0)
    .map((value) => (100 * value) / saved)
    .toSorted((a, b) => b - a);
  const others = shares.slice(3);
  const drivers = [...shares.slice(0, 3), ...(others.length === 0 ? [] : [others.length, sum(others)])];
  const pay = saved === 0 ? [] : [payroll, saved, (100 * saved) / payroll, half, cash, ...drivers];
  const cutting = futures.filter((future) => firstCut(future.people) > 0);
  const largest = futures.map((future) => Math.max(...cutsOf(future.people)));
  const never = 1 - cutting.length / futures.length;
  const cuts =
    cutting.length === 0
      ? []
      : [
          mean(cutting.map((future) => firstCut(future.people))),
          mean(futures.map((future) => cutsOf(future.people).filter((cut) => cut > 0).length)),
          months,
          mean(largest),
          ...(futures.length === 1 ? [] : [Math.max(...largest)]),
          ...(never > 0 ? [100 * never] : []),
        ];
  const overloaded = outcome.outcomes.overloaded_people;
  const worst = Math.max(...overloaded);
  const work = [
    sum(roles.map(floorOf(body))),
    start,
    ...(worst > 0 ? [mean(overloaded), ...(futures.length === 1 ? [] : [worst])] : []),
  ];
  return [...people, ...pay, ...cuts, ...work];
}

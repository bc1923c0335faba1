import { describe, expect, it } from "vitest";
import type { EngineRole } from "../../../src/features/simulation/engine/index.ts";
import { explain } from "../../../src/features/simulation/results/explanations.ts";
import type { SeriesPart } from "../../../src/features/simulation/results/series.ts";

const role = (overrides: Partial<EngineRole> = {}): EngineRole => ({
  name: "Clerk",
  count: 30,
  salary: 36_000,
  workloads: [
    { name: "Keying", auto: true, skill: 0.2, time: 0.6 },
    { name: "Checking", auto: false, skill: 0.4, time: 0.4 },
  ],
  ...overrides,
});

/** Parts whose role's mean head count at the end of each year is given. */
const counts = (...byYear: number[]): SeriesPart[] => {
  const months = byYear.flatMap((count, year) =>
    Array.from({ length: year === 0 ? 1 : 12 }, (_, m) => {
      const before = byYear[year - 1] ?? count;
      return before + ((count - before) * (m + 1)) / 12;
    }),
  );
  return [{}, { count_mean: months }];
};
const textOf = (r: EngineRole, parts: SeriesPart[]): string => explain([r], parts)[0]!.explanation;

describe("an explanation", () => {
  it("tells people and pay, work, skills, and the change of each year and in all", () => {
    const text = textOf(role(), counts(30, 26, 24.5));
    expect(text).toContain(
      "30 people work in this role at the start, each paid 36,000 a year; together 1,080,000 a year.",
    );
    expect(text).toContain(
      "60 % of the time could be automated; mean skill of the automatable ones 0.20, of the others 0.40.",
    );
    expect(text).toContain("- Keying: could run by itself, 60 % of the time, skill 0.20");
    expect(text).toContain("- Year 1: -4.00 people\n- Year 2: -1.50 people\n- In all: -5.50 people");
  });

  it.each([
    ["early", counts(30, 20, 18, 17, 16), /most of it early/],
    ["late", counts(30, 29, 28, 26, 16), /most of it late/],
    ["evenly", counts(30, 27, 24, 21, 18), /balanced over the years/],
    ["early in the first two of five years", counts(30, 24, 20, 19, 18, 17), /most of it early/],
    ["never", counts(30, 30, 29.95), /no significant reduction/],
  ])("says when it happens: %s", (_, parts, words) => {
    expect(textOf(role(), parts)).toMatch(words);
  });

  it.each([
    [
      [
        { name: "a", auto: true, skill: 0.9, time: 0.6 },
        { name: "b", auto: true, skill: 0.6, time: 0.4 },
      ],
      /More of the workloads[\s\S]*needs much skill, which slows/,
    ],
    [
      [
        { name: "a", auto: true, skill: 0.3, time: 0.6 },
        { name: "b", auto: false, skill: 0.6, time: 0.4 },
      ],
      /needs little skill, which speeds/,
    ],
    [
      [
        { name: "a", auto: true, skill: 0.6, time: 0.2 },
        { name: "b", auto: false, skill: 0.6, time: 0.8 },
      ],
      /80 % of the time cannot be automated/,
    ],
    [
      [
        { name: "a", auto: true, skill: 0.6, time: 0.5 },
        { name: "b", auto: false, skill: 0.6, time: 0.5 },
      ],
      /Nothing stands out/,
    ],
    [[{ name: "b", auto: false, skill: 0.6, time: 0.5 }], /100 % of the time cannot be automated/],
  ])("names what matters (%#)", (workloads, words) => {
    expect(textOf(role({ workloads }), counts(30, 28))).toMatch(words);
  });

  it.each<
    [what: string, workloads: [skill: number, time: number, auto?: boolean][], parts: SeriesPart[], told: boolean]
  >([
    ["no significant reduction", [[0.6, 1]], counts(30, 29.9001), true],
    ["no significant reduction", [[0.6, 1]], counts(30, 29.9), false],
    ["most of it early", [[0.6, 1]], counts(40, 33.999, 30), true],
    ["most of it early", [[0.6, 1]], counts(40, 34, 30), false],
    ["most of it late", [[0.6, 1]], counts(40, 36.001, 30), true],
    ["most of it late", [[0.6, 1]], counts(40, 36, 30), false],
    ["which slows", [[0.7001, 1]], counts(30, 28), true],
    ["which slows", [[0.7, 1]], counts(30, 28), false],
    ["which speeds", [[0.4999, 1]], counts(30, 28), true],
    ["which speeds", [[0.5, 1]], counts(30, 28), false],
    [
      "which limits",
      [
        [0.6, 0.4999],
        [0.6, 0.5001, false],
      ],
      counts(30, 28),
      true,
    ],
    [
      "which limits",
      [
        [0.6, 0.5],
        [0.6, 0.5, false],
      ],
      counts(30, 28),
      false,
    ],
    [
      "More of the workloads",
      [
        [0.6, 0.5],
        [0.6, 0.5],
        [0.6, 0.5, false],
      ],
      counts(30, 28),
      true,
    ],
    [
      "More of the workloads",
      [
        [0.6, 0.5],
        [0.6, 0.5, false],
      ],
      counts(30, 28),
      false,
    ],
  ])("says '%s' beyond the contract's threshold, and not on it (%#)", (what, workloads, parts, told) => {
    const described = workloads.map(([skill, time, auto = true], i) => ({ name: `w${i}`, auto, skill, time }));
    expect(textOf(role({ workloads: described }), parts).includes(what)).toBe(told);
  });

  it("judges by the numbers and not by the order in which they are added up", () => {
    const orders = (values: [number, number, number]) => {
      const [a, b, c] = values;
      return [
        [a, b, c],
        [a, c, b],
        [b, a, c],
        [b, c, a],
        [c, a, b],
        [c, b, a],
      ] as const;
    };
    const verdicts = (
      workloadsOf: (values: readonly number[]) => EngineRole["workloads"],
      values: [number, number, number],
    ) =>
      new Set(
        orders(values).map(
          (order) => /Key factors.*/.exec(textOf(role({ workloads: workloadsOf(order) }), counts(30, 28)))![0],
        ),
      );
    const auto = (skills: readonly number[]) =>
      skills.map((skill, i) => ({ name: `w${i}`, auto: true, skill, time: 1 }));
    const more = "Key factors.** More of the workloads can be automated than not.";
    expect((0.8 + 0.7 + 0.6) / 3).toBeGreaterThan(0.7);
    expect(verdicts(auto, [0.8, 0.7, 0.6])).toEqual(new Set([more]));
    expect(verdicts(auto, [0.6, 0.5, 0.4])).toEqual(new Set([more]));
    // Exactly half of the time, in parts that do not add up exactly.
    const manual = (times: readonly number[]) => [
      ...times.map((time, i) => ({ name: `m${i}`, auto: false, skill: 0.6, time })),
      { name: "a", auto: true, skill: 0.6, time: 0.6 },
    ];
    expect(0.1 + 0.2 + 0.3).toBeGreaterThan(0.6);
    expect(verdicts(manual, [0.1, 0.2, 0.3])).toEqual(new Set(["Key factors.** Nothing stands out."]));
  });

  it("tells little from nothing and most from all", () => {
    const text = textOf(
      role({
        workloads: [
          { name: "a", auto: true, skill: 0.6, time: 0.001 },
          { name: "b", auto: false, skill: 0.6, time: 0.999 },
        ],
      }),
      counts(30, 28),
    );
    expect(text).toContain("**Work.** Under 1 % of the time could be automated;");
    expect(text).toContain("- b: needs a person, over 99 % of the time, skill 0.60");
    expect(text).toContain("Over 99 % of the time cannot be automated, which limits the change.");
  });

  it.each([
    ["https://evil.example", "`https://evil.example`"],
    ["//evil.example", "`//evil.example`"],
    ["www.evil.example", "`www.evil.example`"],
    ["see WWW.evil.example", "`see WWW.evil.example`"],
    ["boss@evil.example", "`boss@evil.example`"],
    ["mailto:boss@evil", "`mailto:boss@evil`"],
    ["evil.com (ask *us*)", "`evil.com (ask *us*)`"],
    ["evil\uff0ecom", "`evil\uff0ecom`"],
    ["`evil.com`", "`` `evil.com` ``"],
    ["a`` [b](https://evil.example)", "```a`` [b](https://evil.example)```"],
    ["\u00a0 evil.com\n", "` evil.com `"],
    ["Node.js: version 2.0", "`Node.js: version 2.0`"],
    ["1. Plan", "1\\. Plan"],
    ["  12. Plan", " 12\\. Plan"],
    ["2) Plan", "2\\) Plan"],
    ["Dr. J. R. Boss: version 2.0", "Dr. J. R. Boss: version 2.0"],
  ])("makes neither an address nor a list of %s", (name, written) => {
    const workloads = [{ name, auto: true, skill: 0.6, time: 1 }];
    expect(textOf(role({ workloads }), counts(30, 28))).toContain(`\n- ${written}: could run by itself`);
  });

  it("keeps Markdown and HTML of a name from taking effect", () => {
    const text = textOf(role({ name: "<img src=x> **Boss**\n# Head" }), counts(30, 28));
    expect(text.split("\n")[0]).toBe("## \\<img src=x\\> \\*\\*Boss\\*\\* \\# Head");
  });
});

import { describe, expect, it } from "vitest";
import type { EngineRole } from "../../../src/features/simulation/engine/index.ts";
import { explain } from "../../../src/features/simulation/explanations.ts";
import type { SeriesPart } from "../../../src/features/simulation/series.ts";

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

  it("keeps Markdown and HTML of a name from taking effect", () => {
    const text = textOf(role({ name: "<img src=x> **Boss**\n# Head" }), counts(30, 28));
    expect(text.split("\n")[0]).toBe("## \\<img src=x\\> \\*\\*Boss\\*\\* \\# Head");
  });
});

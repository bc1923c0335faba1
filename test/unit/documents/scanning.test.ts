import { describe, expect, it } from "vitest";
import { scanGiveUpSeconds } from "../../../src/features/documents/limits.ts";
import { nextScanAt } from "../../../src/features/documents/verbs/scan.ts";

describe("asking a scanner again", () => {
  it("comes later each time, at most two hours, and ends after a day", () => {
    const since = new Date("2026-11-30T12:00:00Z");
    const waits: number[] = [];
    for (let at = new Date(since.getTime() + 300_000); ;) {
      const next = nextScanAt(since, at);
      if (next === undefined) break;
      waits.push((next.getTime() - at.getTime()) / 60_000);
      at = next;
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, ...Array.from({ length: 11 }, () => 120)]);
    const end = new Date(since.getTime() + scanGiveUpSeconds * 1000);
    expect(nextScanAt(since, new Date(end.getTime() - 1))).toBeDefined();
    expect(nextScanAt(since, end)).toBeUndefined();
  });
});

import { expect, it } from "vitest";
import { CallRecorder, sequentialRoundTrips } from "../../../local/stack/call-recorder.ts";

const call = (startedAt: number, endedAt: number) => ({ startedAt, endedAt });

it.each([
  ["nothing", [], 0],
  ["one after the other", [call(0, 1), call(1, 2), call(5, 6)], 3],
  ["all at once", [call(0, 5), call(1, 6), call(2, 4)], 1],
  ["a long one beside two short ones", [call(0, 10), call(0, 3), call(4, 9)], 2],
  ["in any order of recording", [call(7, 8), call(0, 2), call(3, 4)], 3],
])("counts %s", (_what, calls, expected) => {
  expect(sequentialRoundTrips(calls)).toBe(expected);
});

it("keeps a bounded number of calls, the newest ones", () => {
  const recorder = new CallRecorder();
  for (let index = 0; index < 30_000; index += 1)
    recorder.record({ kind: "sql", statements: [], startedAt: index, endedAt: index });
  expect(recorder.list().length).toBeLessThanOrEqual(20_000);
  expect(recorder.list().at(-1)?.startedAt).toBe(29_999);
});

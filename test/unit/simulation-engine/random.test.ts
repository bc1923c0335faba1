import { describe, expect, it } from "vitest";
import { Xoshiro128 } from "../../../src/features/simulation/engine/random/stream.ts";
import {
  openStream,
  organisationUniforms,
  streamKey,
} from "../../../src/features/simulation/engine/random/stream-keys.ts";
import { threefry4x32 } from "../../../src/features/simulation/engine/random/threefry.ts";
import { chiSquareScore } from "../../support/oracle/goodness-of-fit.ts";

function words(hex: string): number[] {
  return hex.split(" ").map((word) => Number.parseInt(word, 16));
}

function threefry(counter: number[], key: number[]): string {
  const out = new Int32Array(4);
  threefry4x32(Int32Array.from(key), counter[0]!, counter[1]!, counter[2]!, counter[3]!, out);
  return Array.from(out, (word) => (word >>> 0).toString(16).padStart(8, "0")).join(" ");
}

describe("Threefry4x32-20", () => {
  // Known-answer vectors of the Random123 distribution (tests/kat_vectors).
  it.each([
    [
      "00000000 00000000 00000000 00000000",
      "00000000 00000000 00000000 00000000",
      "9c6ca96a e17eae66 fc10ecd4 5256a7d8",
    ],
    [
      "ffffffff ffffffff ffffffff ffffffff",
      "ffffffff ffffffff ffffffff ffffffff",
      "2a881696 57012287 f6c7446e a16a6732",
    ],
    [
      "243f6a88 85a308d3 13198a2e 03707344",
      "a4093822 299f31d0 082efa98 ec4e6c89",
      "59cd1dbb b8879579 86b5d00c ac8b6d84",
    ],
  ])("counter %s, key %s", (counter, key, answer) => {
    expect(threefry(words(counter), words(key))).toBe(answer);
  });
});

describe("xoshiro128**", () => {
  it("gives the reference implementation's outputs from state 1, 2, 3, 4", () => {
    const stream = new Xoshiro128();
    stream.state.set([1, 2, 3, 4]);
    const outputs = Array.from({ length: 10 }, () => stream.word());
    expect(outputs).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("makes a uniform of two outputs: 27 bits of the first, 26 of the second", () => {
    const byWords = new Xoshiro128();
    const byUniforms = new Xoshiro128();
    byWords.state.set([-7, 1_999_999_999, 0, -123_456]);
    byUniforms.state.set(byWords.state);
    for (let draw = 0; draw < 1000; draw++) {
      const high = Math.floor(byWords.word() / 2 ** 5);
      const low = Math.floor(byWords.word() / 2 ** 6);
      expect(byUniforms.uniform()).toBe((high * 2 ** 26 + low) / 2 ** 53);
    }
    expect(byUniforms.state).toEqual(byWords.state);
  });
});

describe("streams", () => {
  const role = (name: string) => ({ kind: "role", name }) as const;

  it("differ by seed, iteration, month and purpose, and by nothing else", () => {
    const starts = new Set<string>();
    for (const seed of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      for (const purpose of [{ kind: "organisation" } as const, role("A"), role("B"), role("organisation")]) {
        const key = streamKey(seed, purpose);
        for (const [iteration, month] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [9999, 240],
        ] as const) {
          const stream = new Xoshiro128();
          const again = new Xoshiro128();
          openStream(stream, key, iteration, month);
          openStream(again, streamKey(seed, purpose), iteration, month);
          expect(stream.state).toEqual(again.state);
          starts.add(stream.state.join());
        }
      }
    }
    expect(starts.size).toBe(4 * 4 * 4);
  });

  it("keeps the organisation's draw of a month whatever the horizon", () => {
    const key = streamKey(5, { kind: "organisation" });
    const block = new Int32Array(4);
    const long = new Float64Array(240);
    organisationUniforms(key, 3, 240, block, long);
    for (const months of [1, 12, 13]) {
      const short = new Float64Array(months);
      organisationUniforms(key, 3, months, block, short);
      expect(short).toEqual(long.slice(0, months));
    }
    expect(new Set(long).size).toBe(240);
  });

  it("start uniformly: first uniforms over neighbouring iterations and months fill 64 cells evenly, seed 99", () => {
    const key = streamKey(99, role("Engineer"));
    const stream = new Xoshiro128();
    const cells = new Array<number>(64).fill(0);
    for (let iteration = 0; iteration < 400; iteration++) {
      for (let month = 0; month < 48; month++) {
        openStream(stream, key, iteration, month);
        cells[Math.floor(stream.uniform() * 64)]!++;
      }
    }
    expect(
      chiSquareScore(
        cells,
        cells.map(() => 1 / 64),
      ),
    ).toBeLessThan(4.5);
  });
});

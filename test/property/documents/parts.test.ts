import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatKey, parseKey } from "../../../src/features/documents/domain/keys.ts";
import {
  compareParts,
  isPartNumber,
  maxDocumentBytes,
  maxParts,
  planUpload,
  singleMaxBytes,
  sizeOfPart,
} from "../../../src/features/documents/domain/parts.ts";
import type { CompanyId, DocumentId } from "../../../src/shared/ids.ts";

const mebibyte = 1024 * 1024;
const sizes = fc.oneof(
  fc.integer({ min: 1, max: 64 * mebibyte }),
  fc.maxSafeInteger().map((n) => (Math.abs(n) % maxDocumentBytes) + 1),
  fc.constantFrom(
    1,
    singleMaxBytes,
    singleMaxBytes + 1,
    maxParts * singleMaxBytes,
    maxParts * singleMaxBytes + 1,
    maxDocumentBytes,
  ),
);

describe("the plan of an upload", () => {
  it("covers the document exactly, in equal parts but the last, within S3's bounds", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const plan = planUpload(size);
        expect(plan.strategy).toBe(size <= singleMaxBytes ? "SINGLE" : "MULTIPART");
        expect(plan.partCount).toBeGreaterThanOrEqual(1);
        expect(plan.partCount).toBeLessThanOrEqual(maxParts);
        const last = sizeOfPart(plan, plan.partCount);
        expect(plan.partSize * (plan.partCount - 1) + last).toBe(size);
        expect(last).toBeGreaterThan(0);
        expect(last).toBeLessThanOrEqual(plan.partSize);
        if (plan.strategy === "MULTIPART") {
          expect(plan.partSize % mebibyte).toBe(0);
          // No smaller part size of whole mebibytes, from 8 on, would do.
          const smaller = plan.partSize - mebibyte;
          if (smaller >= singleMaxBytes) expect(Math.ceil(size / smaller)).toBeGreaterThan(maxParts);
        }
      }),
    );
  });

  it("is the one of the specification at its corners", () => {
    expect(planUpload(8 * mebibyte)).toMatchObject({ strategy: "SINGLE", partCount: 1 });
    expect(planUpload(8 * mebibyte + 1)).toMatchObject({ strategy: "MULTIPART", partSize: 8 * mebibyte, partCount: 2 });
    expect(planUpload(24 * mebibyte)).toMatchObject({ partSize: 8 * mebibyte, partCount: 3 });
    expect(planUpload(maxDocumentBytes)).toMatchObject({ partSize: 525 * mebibyte, partCount: 9_987 });
  });

  it("knows its numbers", () => {
    const plan = planUpload(24 * mebibyte);
    for (const number of [0, 4, -1, 1.5, Number.NaN, 10_001])
      expect(isPartNumber(plan, number), String(number)).toBe(false);
    for (const number of [1, 2, 3]) expect(isPartNumber(plan, number)).toBe(true);
  });
});

describe("what is there against what should be", () => {
  it("is whole if and only if every part 1 … N is there with its exact size", () => {
    const scenario = fc.record({
      parts: fc.integer({ min: 2, max: 40 }),
      rest: fc.integer({ min: 1, max: 8 * mebibyte }),
      fates: fc.array(fc.constantFrom("there", "there", "there", "missing", "short", "unsized"), {
        minLength: 40,
        maxLength: 40,
      }),
      strays: fc.array(fc.integer({ min: -2, max: 12_000 }), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(scenario, ({ parts, rest, fates, strays }) => {
        const plan = planUpload((parts - 1) * 8 * mebibyte + rest);
        const numbers = Array.from({ length: plan.partCount }, (_, index) => index + 1);
        const found = numbers.flatMap((partNumber) => {
          const fate = fates[partNumber - 1];
          if (fate === "missing") return [];
          const right = sizeOfPart(plan, partNumber);
          const size = fate === "unsized" ? undefined : fate === "short" ? right - 1 : right;
          return [{ partNumber, etag: `"${partNumber}"`, size }];
        });
        const outside = strays.filter((number) => !isPartNumber(plan, number));
        const extra = outside.map((partNumber) => ({ partNumber, etag: '"x"', size: 1 }));
        const { whole, missing, wrong } = compareParts(plan, [...extra, ...found.toReversed()]);
        expect(missing).toEqual(numbers.filter((n) => fates[n - 1] === "missing"));
        expect(wrong).toEqual(numbers.filter((n) => fates[n - 1] === "short"));
        expect([...missing, ...wrong, ...whole.map(({ partNumber }) => partNumber)].toSorted((a, b) => a - b)).toEqual(
          numbers,
        );
        expect(whole.map(({ partNumber }) => partNumber)).toEqual(
          whole.map(({ partNumber }) => partNumber).toSorted((a, b) => a - b),
        );
      }),
    );
  });
});

describe("keys", () => {
  it("are read back as they were written, and nothing else is taken for one", () => {
    const key = fc.record({
      environment: fc.constantFrom("development", "test", "production"),
      companyId: fc.uuid().map((id) => id as CompanyId),
      documentId: fc.uuid().map((id) => id as DocumentId),
      version: fc.integer({ min: 0, max: 999_999 }),
    });
    fc.assert(
      fc.property(key, (one) => {
        expect(parseKey(formatKey(one))).toEqual(one);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseKey(text);
        if (parsed !== undefined) expect(formatKey(parsed)).toBe(text);
      }),
    );
    for (const stray of [
      "",
      "x",
      "test/../../1",
      "test/a/b/1",
      `test/${crypto.randomUUID()}/${crypto.randomUUID()}/01`,
    ])
      expect(parseKey(stray)).toBeUndefined();
  });
});

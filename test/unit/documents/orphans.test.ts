import { describe, expect, it } from "vitest";
import { isOrphanedObject, isOrphanedUpload } from "../../../src/features/documents/domain/orphans.ts";
import { documentStates, openStates } from "../../../src/features/documents/domain/states.ts";

describe("what no row needs", () => {
  it("is never the object that a living document names, nor anything of an open upload", () => {
    for (const status of documentStates) {
      const row = { status, version: 3, s3UploadId: "u" };
      const isGone = ["aborted", "expired", "deleted"].includes(status);
      expect(isOrphanedObject(3, row), status).toBe(isGone);
      const isOpen = openStates.includes(status);
      expect(
        [0, 2, 4].map((version) => isOrphanedObject(version, row)),
        status,
      ).toEqual([!isOpen, !isOpen, !isOpen]);
      expect(isOrphanedUpload("u", row), status).toBe(!isOpen);
      expect(isOrphanedUpload("another", row), status).toBe(true);
    }
  });

  it("is everything without a row, and no upload whose id may still be on its way to the row", () => {
    expect([isOrphanedObject(1, undefined), isOrphanedUpload("u", undefined)]).toEqual([true, true]);
    expect(isOrphanedUpload("u", { status: "planned", version: 1, s3UploadId: null })).toBe(false);
  });
});

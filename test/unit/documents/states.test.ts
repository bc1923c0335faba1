import { describe, expect, it } from "vitest";
import {
  documentStates,
  endOfAbort,
  mayBecome,
  openStates,
  sessionStateOf,
  sourcesOf,
  storedWholeStates,
  visibleStates,
  type DocumentState,
} from "../../../src/features/documents/domain/states.ts";

const reachable = (from: DocumentState): Set<DocumentState> => {
  const seen = new Set<DocumentState>([from]);
  for (const state of seen) for (const next of documentStates) if (mayBecome(state, next)) seen.add(next);
  return seen;
};

describe("the states of a document", () => {
  it("are all reached from the first, and all end deleted, aborted or expired", () => {
    expect(reachable("planned")).toEqual(new Set(documentStates));
    for (const state of documentStates) {
      const ends = documentStates.filter((end) => documentStates.every((next) => !mayBecome(end, next)));
      expect(ends.toSorted()).toEqual(["aborted", "deleted", "expired"]);
      expect(
        ends.some((end) => reachable(state).has(end)),
        state,
      ).toBe(true);
    }
  });

  it("never lead back into an upload once the object is whole, nor out of an end", () => {
    for (const state of storedWholeStates)
      for (const open of openStates) expect(reachable(state).has(open), `${state} → ${open}`).toBe(false);
    for (const gone of ["aborting", "deleting"] as const)
      for (const visible of visibleStates) expect(reachable(gone).has(visible), `${gone} → ${visible}`).toBe(false);
  });

  it("only let a document that was checked become readable", () => {
    expect(sourcesOf("ready")).toEqual(["completing", "scanning", "quarantined"]);
  });

  it("only let whole documents be deleted and unfinished ones be aborted", () => {
    expect(sourcesOf("deleting")).toEqual(["scanning", "ready", "quarantined"]);
    expect(sourcesOf("aborting")).toEqual(["planned", "uploading", "completing"]);
  });
});

describe("an upload session", () => {
  const now = new Date("2026-11-22T10:00:00Z");
  const later = new Date("2026-11-22T11:00:00Z");
  it("is read off its document, and is expired when its time has run out", () => {
    expect(sessionStateOf("uploading", later, now)).toBe("open");
    expect(sessionStateOf("uploading", now, now)).toBe("expired");
    expect(sessionStateOf("planned", now, later)).toBe("expired");
    expect(sessionStateOf("completing", now, later)).toBe("completing");
    expect(sessionStateOf("deleted", later, now)).toBe("completed");
    for (const state of documentStates) expect(sessionStateOf(state, later, now), state).toBeDefined();
  });

  it("ends as expired if it was given up when its time had run out", () => {
    expect(endOfAbort(now, later)).toBe("aborted");
    expect(endOfAbort(later, now)).toBe("expired");
    expect(endOfAbort(now, now)).toBe("expired");
  });
});

import { expect, it } from "vitest";
import { callsPerTurn } from "../../../src/features/documents/limits.ts";
import { mailsPerClaim, mailsPerTick } from "../../../src/features/email/limits.ts";

it("what a turn of the clock calls for documents and mails fits into the thousand calls of a Worker", () => {
  const { due, folders, orphans, lostObjects } = callsPerTurn;
  // Objects and unfinished uploads are gone through each by itself.
  const documents = due + folders + 2 * orphans + lostObjects;
  // A claim, then each is sent and settled.
  const mails = mailsPerTick / mailsPerClaim + 2 * mailsPerTick;
  expect(documents + mails).toBeLessThanOrEqual(1_000);
});

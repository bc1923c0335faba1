import { z } from "zod";
import type { CompanyId, DocumentId } from "../../shared/ids.ts";
import { bucketInDoubt, clearedAtOnce, maxLooksPerTurn } from "./limits.ts";
import { auditOf, keyOf, type SweepDependencies } from "./ports.ts";
import type { StoredDocument } from "./repository.ts";

const mark = "stored-documents";
const storedSchema = z.object({
  companyId: z.uuid().transform((id) => id as CompanyId),
  documentId: z.uuid().transform((id) => id as DocumentId),
  version: z.int(),
});
const markSchema = z.object({
  after: z
    .uuid()
    .transform((id) => id as DocumentId)
    .optional(),
  missing: z.array(storedSchema),
});

/**
 * Documents that can be read and whose object is gone: some are looked at each turn, in the order of their ids, and the next
 * turn goes on. One that is missing at two looks, a turn apart, is quarantined.
 * @throws Error when none of many is there: then it is the bucket that is not the one it should be
 */
export async function sweepLostObjects(
  deps: SweepDependencies,
  at: Date,
  looks: number = maxLooksPerTurn,
): Promise<number> {
  const { after, missing: suspected } = markSchema.safeParse(await deps.marks.read(mark)).data ?? { missing: [] };
  const next = await deps.sweeps.findStored(after, looks);
  const lost = await missingOf(deps, suspected);
  const missing = await missingOf(deps, next);
  // By those looked at for the first time: the others were found missing once, on a page of which not all were.
  if (next.length >= bucketInDoubt && missing.length === next.length)
    throw new Error("the bucket has none of the documents that were looked for");
  let quarantined = 0;
  for (const one of lost) if (await quarantine(deps, one, at)) quarantined += 1;
  await deps.marks.write(mark, { after: next.length < looks ? undefined : next.at(-1)?.documentId, missing });
  return quarantined;
}

async function missingOf(deps: SweepDependencies, some: readonly StoredDocument[]): Promise<StoredDocument[]> {
  const missing: StoredDocument[] = [];
  for (let first = 0; first < some.length; first += clearedAtOnce) {
    const looks = some.slice(first, first + clearedAtOnce).map(async (one) => {
      const { companyId, documentId: id, version } = one;
      if ((await deps.store.head(keyOf(deps, { companyId, id }, version))) === undefined) missing.push(one);
    });
    await Promise.all(looks);
  }
  return missing;
}

/** Not one that was deleted or quarantined meanwhile: that is no loss, and nobody is told of one. */
async function quarantine(
  deps: SweepDependencies,
  { companyId, documentId }: StoredDocument,
  at: Date,
): Promise<boolean> {
  const caller = { companyId };
  const reason = "the store has no object of it";
  const audit = auditOf(deps, caller, "document.quarantine", documentId, at, { reason });
  const { moved } = await deps.documents.transition(
    caller,
    { documentId },
    { to: "quarantined", at, quarantineReason: "object_missing", onlyFrom: ["scanning", "ready"] },
    audit,
  );
  return moved;
}

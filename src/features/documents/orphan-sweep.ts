import { z } from "zod";
import type { CompanyId } from "../../shared/ids.ts";
import { incomingVersion, parseKey, type ObjectKey } from "./domain/keys.ts";
import { isOrphanedObject, isOrphanedUpload, type KnownDocument } from "./domain/orphans.ts";
import { callsPerTurn, incomingGraceSeconds, maxOrphansPerTurn, orphanGraceSeconds } from "./limits.ts";
import type { Page, PageOptions } from "./object-store.ts";
import { secondsAfter, type SweepDependencies } from "./ports.ts";

export interface OrphanBounds {
  /** Keys that begin so are looked at. */
  readonly prefix: string;
  readonly removals: number;
  readonly calls: number;
}

/** One way through all that the store has of a kind. */
interface Walk<T> {
  /** Under which its mark is kept. */
  readonly name: string;
  read(page: PageOptions): Promise<Page<T>>;
  isOld(thing: T, key: ObjectKey): boolean;
  isOrphan(thing: T, key: ObjectKey, row: KnownDocument | undefined): boolean;
  remove(thing: T): Promise<unknown>;
}

/**
 * Objects and multipart uploads at S3 that no row of ours needs. Each turn goes on where the last one stopped, and begins
 * anew at the end. What is young is left alone: a database restored from a copy must not cost documents.
 */
export async function sweepOrphans(
  deps: SweepDependencies,
  at: Date,
  bounds: OrphanBounds = {
    prefix: `${deps.settings.environment}/`,
    removals: maxOrphansPerTurn,
    calls: callsPerTurn.orphans,
  },
): Promise<number> {
  const before = secondsAfter(at, -orphanGraceSeconds);
  // What came in of an upload that is over, no copy of the database can need again: a row that is older has the upload open.
  const spentBefore = secondsAfter(at, -incomingGraceSeconds);
  const { store } = deps;
  const objects = await walk(deps, bounds, {
    name: "objects",
    read: (page) => store.list(bounds.prefix, page),
    isOld: ({ modifiedAt }, { version }) => modifiedAt < (version === incomingVersion ? spentBefore : before),
    isOrphan: ({ modifiedAt }, { version }, row) =>
      (row !== undefined || modifiedAt < before) && isOrphanedObject(version, row),
    remove: ({ key }) => store.delete(key),
  });
  if (!store.capabilities.listUploads) return objects;
  const uploads = await walk(deps, bounds, {
    name: "uploads",
    read: (page) => store.listUploads(bounds.prefix, page),
    isOld: ({ startedAt }) => startedAt < before,
    isOrphan: ({ uploadId }, _, row) => isOrphanedUpload(uploadId, row),
    remove: (upload) => store.abortUpload(upload),
  });
  return objects + uploads;
}

const markSchema = z.object({ key: z.string(), uploadId: z.string().optional() });

async function walk<T extends { readonly key: string; readonly uploadId?: string }>(
  deps: SweepDependencies,
  { prefix, removals, calls }: OrphanBounds,
  { name, read, ...way }: Walk<T>,
): Promise<number> {
  const mark = `${name}:${prefix}`;
  const begun = deps.calls();
  let after: PageOptions["after"] = markSchema.safeParse(await deps.marks.read(mark)).data;
  let removed = 0;
  const goesOn = () => removed < removals && deps.calls() - begun < calls;
  for (let more = true; more && goesOn();) {
    const page = await read({ after });
    more = page.more;
    for (const some of byCompany(page.items)) {
      if (!goesOn()) break;
      const done = await removeOrphans(deps, some, removals - removed, way);
      removed += done.removed;
      after = done.last;
    }
    // Seen to the end, or nothing comes after the mark any more: the next turn begins anew.
    if (!more && (page.items.length === 0 || after === page.items.at(-1))) after = undefined;
  }
  await deps.marks.write(mark, after === undefined ? null : { key: after.key, uploadId: after.uploadId });
  return removed;
}

/** In their order, which keeps what is a company's together. */
function byCompany<T extends { readonly key: string }>(items: readonly T[]): T[][] {
  const runs: T[][] = [];
  let run: T[] = [];
  let of: CompanyId | undefined;
  for (const item of items) {
    const company = parseKey(item.key)?.companyId;
    if (run.length === 0 || company !== of) runs.push((run = []));
    run.push(item);
    of = company;
  }
  return runs;
}

/** `last` is the last one that was dealt with. One that S3 will not remove is passed over till the next time round. */
async function removeOrphans<T extends { readonly key: string }>(
  deps: SweepDependencies,
  things: readonly T[],
  atMost: number,
  { isOld, isOrphan, remove }: Omit<Walk<T>, "name" | "read">,
): Promise<{ removed: number; last: T | undefined }> {
  const old = things.flatMap((thing) => {
    const key = parseKey(thing.key);
    return key !== undefined && isOld(thing, key) ? [{ thing, key }] : [];
  });
  const [first] = old;
  let removed = 0;
  if (first === undefined) return { removed, last: things.at(-1) };
  const rows = await deps.sweeps.findKnown(first.key.companyId, new Set(old.map(({ key }) => key.documentId)));
  for (const { thing, key } of old) {
    if (!isOrphan(thing, key, rows.get(key.documentId))) continue;
    await remove(thing).catch((error: unknown) => deps.onFault("document_cleanup_late", key.documentId, error));
    removed += 1;
    if (removed === atMost) return { removed, last: thing };
  }
  return { removed, last: things.at(-1) };
}

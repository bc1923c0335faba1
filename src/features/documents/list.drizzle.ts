import { and, desc, eq, sql, type SQL } from "drizzle-orm";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import { isListed } from "../../platform/db/schema/documents.ts";
import { documents } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import { toPage, type Page, type PageMark } from "../../shared/pagination.ts";
import { rootFolder } from "./domain/names.ts";
import { searchedInOrder } from "./limits.ts";
import type { DocumentFilter, DocumentRecord } from "./repository.ts";
import { inOrBelow, scopeOf, toDocument } from "./rows.drizzle.ts";

/** Newest first. One round trip. */
export async function listDocuments(
  database: Database,
  actor: Actor,
  filter: DocumentFilter,
  { limit, after }: { limit: number; after: PageMark | undefined },
  at: Date,
): Promise<Page<DocumentRecord>> {
  const wanted = and(
    eq(documents.companyId, actor.companyId),
    isListed,
    ...filtersOf(filter),
    after &&
      sql`(${documents.createdAt}, ${documents.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
  );
  const search = filter.q === undefined ? undefined : searchOf(filter.q, wanted, limit);
  // What was deleted has left its folder as well: the planner takes the root to be full of documents, and would read the list
  // in its order until it meets some. In this order it has to begin with the folder.
  const inRoot = filter.folderPath === rootFolder && filter.recursive !== true;
  const order = inRoot ? [desc(documents.folderPath), ...newestFirst] : newestFirst;
  const [recent, all] = await database.batch(scopeOf(actor, at), (db) => [
    selectPage(db, search?.recent ?? wanted, order, limit),
    selectPage(db, search === undefined ? sql`false` : and(wanted, search.all), order, limit),
  ]);
  const rows = search === undefined || recent.length > limit ? recent : all;
  return toPage(rows.map(toDocument), limit, ({ createdAt, id }) => ({ at: createdAt, id }));
}

const newestFirst = [desc(documents.createdAt), desc(documents.id)];

const selectPage = (db: HttpDatabase, where: SQL | undefined, order: SQL[], limit: number) =>
  db
    .select()
    .from(documents)
    .where(where)
    .orderBy(...order)
    .limit(limit + 1);

function filtersOf(filter: DocumentFilter): (SQL | undefined)[] {
  const { role, status, contentType, createdBy } = filter;
  return [
    status === undefined ? undefined : eq(documents.status, status),
    role === undefined ? undefined : eq(documents.role, role),
    contentType === undefined ? undefined : eq(documents.contentType, contentType),
    createdBy === undefined ? undefined : eq(documents.createdBy, createdBy),
    folderFilter(filter),
  ];
}

function folderFilter({ folderPath, recursive = false }: DocumentFilter): SQL | undefined {
  if (folderPath === undefined || (folderPath === rootFolder && recursive)) return undefined;
  if (folderPath === rootFolder) return sql`${documents.folderPath} is null`;
  return recursive ? inOrBelow(documents.folderPath, folderPath) : sql`${documents.folderPath} = ${folderPath}`;
}

/** Below this there is no trigram to look up. */
const shortestIndexed = 3;

/**
 * What many names have is soon met in the order of the list: `recent` looks at a few of its rows. Only where those do not fill
 * the page, `all` has rows: it asks the index of trigrams, or reads the list where there is no trigram to ask for.
 */
function searchOf(q: string, wanted: SQL | undefined, limit: number): { recent: SQL; all: SQL } {
  const matches = sql`strpos(lower(original_filename), lower(${q})) > 0`;
  const found = sql`select id from (
    select id, original_filename from ${documents} where ${wanted} order by created_at desc, id desc limit ${searchedInOrder}
  ) ahead where ${matches} limit ${limit + 1}`;
  const isRare = sql`(select count(*) <= ${limit} from (${found}) found)`;
  const rest = [...q].length < shortestIndexed ? matches : sql`${documents.id} in (select app.documents_named(${q}))`;
  return { recent: sql`${documents.id} in (${found})`, all: sql`${isRare} and ${rest}` };
}

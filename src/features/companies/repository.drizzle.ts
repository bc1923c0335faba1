import { and, desc, eq, sql } from "drizzle-orm";
import { auditedUpdate, insertAudit } from "../../platform/db/audit.ts";
import type { Database } from "../../platform/db/client.ts";
import { inCompany, readingScope } from "../../platform/db/reach.ts";
import { companies } from "../../platform/db/schema/index.ts";
import type { CompanyId } from "../../shared/ids.ts";
import { toPage } from "../../shared/pagination.ts";
import { reachesAll } from "../../shared/access.ts";
import type { Company, CompanyPatch, CompanyRepository } from "./repository.ts";

const columns = {
  id: companies.id,
  name: companies.name,
  isPlatform: companies.isPlatform,
  logoUrl: companies.logoUrl,
  lightThemeImageUrl: companies.lightThemeImageUrl,
  darkThemeImageUrl: companies.darkThemeImageUrl,
  createdAt: companies.createdAt,
};
const toCompany = (row: Omit<Company, "id"> & { id: string }): Company => ({ ...row, id: row.id as CompanyId });

export function createCompanyRepository(database: Database): CompanyRepository {
  return {
    async find(reading, id) {
      const own = reading.across === undefined ? eq(companies.id, reading.actor.companyId) : undefined;
      const [rows] = await database.batch(readingScope(reading), (db) => [
        db
          .select(columns)
          .from(companies)
          .where(and(eq(companies.id, id), own))
          .limit(1),
      ]);
      return rows[0] && toCompany(rows[0]);
    },
    async list(reading, { q }, { limit, after }) {
      const own = reading.across === undefined ? eq(companies.id, reading.actor.companyId) : undefined;
      const named = q === undefined ? undefined : sql`strpos(lower(${companies.name}), lower(${q})) > 0`;
      const older =
        after &&
        sql`(${companies.createdAt}, ${companies.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`;
      const [rows] = await database.batch(readingScope(reading), (db) => [
        db
          .select(columns)
          .from(companies)
          .where(and(own, named, older))
          .orderBy(desc(companies.createdAt), desc(companies.id))
          .limit(limit + 1),
      ]);
      return toPage(rows.map(toCompany), limit, ({ createdAt, id }) => ({ at: createdAt, id }));
    },
    async create(actor, company, audit) {
      await database.batch(inCompany(actor, company.id, audit.at), (db) => [
        db.insert(companies).values({ ...company, updatedAt: audit.at }),
        insertAudit(db, audit),
      ]);
    },
    async update(actor, id, patch, audit) {
      // Who reaches their own company only works in its context, where no other company shows.
      const companyId = reachesAll(actor) ? id : actor.companyId;
      const scope = inCompany(actor, companyId, audit.at);
      const set = columnsOf(patch);
      const where = sql`${companies.id} = ${id}::uuid and ${companies.id} = ${companyId}::uuid`;
      const read = (db: Database["build"]) => db.select(columns).from(companies).where(where).limit(1);
      const change = { key: ["id"], where, set: { ...set, updated_at: audit.at.toISOString() }, audit };
      const rows =
        Object.keys(set).length === 0
          ? (await database.batch(scope, (db) => [read(db)]))[0]
          : (await database.batch(scope, (db) => [auditedUpdate(db, companies, change), read(db)]))[1];
      return rows[0] && toCompany(rows[0]);
    },
  };
}

function columnsOf({ name, logoUrl, lightThemeImageUrl, darkThemeImageUrl }: CompanyPatch): Record<string, unknown> {
  const named = {
    name,
    logo_url: logoUrl,
    light_theme_image_url: lightThemeImageUrl,
    dark_theme_image_url: darkThemeImageUrl,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

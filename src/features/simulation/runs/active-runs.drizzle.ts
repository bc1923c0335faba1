import { sql, type SQL } from "drizzle-orm";
import type { HttpDatabase } from "../../../platform/db/client.ts";
import { simulations } from "../../../platform/db/schema/index.ts";
import type { CompanyId } from "../../../shared/ids.ts";
import { maxActiveRunsPerCompany } from "../limits.ts";

/** Namespace of the advisory lock that makes a company's starts queue up, so that two cannot both be the tenth. */
const startLock = 727_002;

/** First statement of a batch that asks `roomFor` another. */
export const lockStarts = (db: HttpDatabase, companyId: CompanyId) =>
  db.execute(sql`select pg_advisory_xact_lock(${startLock}, hashtext(${companyId}))`);

/** Whether the company may have another under way. A sweep counts as one, however many of its runs are left. */
export const roomFor = (companyId: CompanyId): SQL => sql`
  (select count(distinct coalesce(sweep_id, id)) from ${simulations} where company_id = ${companyId}::uuid and completed_at is null)
    < ${maxActiveRunsPerCompany}`;

import { sql } from "drizzle-orm";
import type { HttpDatabase } from "../../../platform/db/client.ts";
import { insertMailFrom } from "../../../platform/db/outbox.ts";
import { mailOutbox, simulations, users } from "../../../platform/db/schema/index.ts";
import type { Group } from "../../../shared/access.ts";
import { mailAfterSeconds } from "../limits.ts";
import type { RunKey } from "./repository.ts";

const serviceAccount: Group = "Etter Generator";

/**
 * Tells whoever started a run that it has ended, if that took a while. For the batch that ends the run, after its update: queues
 * the mail only if that update has ended it, and at most one a run, for the mail's id is the run's.
 */
export function mailAboutEnd(
  db: HttpDatabase,
  { companyId, simulationId }: RunKey,
  status: "completed" | "failed",
  at: Date,
) {
  const ended = sql`${at.toISOString()}::timestamptz`;
  const source = sql`${simulations} s join ${users} u on u.company_id = s.company_id and u.id = s.created_by
    where s.company_id = ${companyId}::uuid and s.id = ${simulationId}::uuid and s.status = ${status} and s.completed_at = ${ended}
      and s.sweep_id is null and s.created_at <= ${ended} - make_interval(secs => ${mailAfterSeconds})
      and u.is_active and u.deleted_at is null and u.email_verified_at is not null and u."group" <> ${serviceAccount}
      and not exists (select from ${mailOutbox} m where m.company_id = s.company_id and m.id = s.id)`;
  const simulation_id = `sim-${simulationId}`;
  const mail = {
    id: simulationId,
    companyId,
    userId: null,
    to: "",
    template: "simulation_finished",
    data: { simulation_id, name: "", status },
    sealedToken: null,
    at,
  } as const;
  const data = sql`jsonb_build_object('simulation_id', ${simulation_id}::text, 'name', coalesce(s.name, ''), 'status', s.status)`;
  return db.execute(insertMailFrom(source, mail, { to: sql`u.email`, userId: sql`u.id`, data }));
}

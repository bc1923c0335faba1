import { and, asc, eq, sql, type SQL } from "drizzle-orm";
import type { HttpDatabase } from "../../../platform/db/client.ts";
import { simulations } from "../../../platform/db/schema/index.ts";
import type { SimulationRequest } from "../request/simulation-request.ts";
import type { Sameness } from "./repository.ts";

export interface Question extends Sameness {
  readonly run: SimulationRequest;
}

/** Completed runs of this digest that this engine computed. None where luck is part of the question. */
const answering = ({ run, digest, repeatable }: Question): SQL | undefined =>
  and(
    eq(simulations.companyId, run.companyId),
    eq(simulations.inputDigest, digest),
    eq(simulations.engineVersion, run.engineVersion),
    // Written out: the index is partial, and a parameter would prove nothing to a generic plan.
    sql`${simulations.status} = 'completed'`,
    sql`${repeatable}::boolean`,
  );

const oldestFirst = [asc(simulations.completedAt), asc(simulations.id)] as const;

/** The body of a CTE: its id, kept from being deleted until the transaction's end. */
export const lockAnswer = (question: Question): SQL => sql`
  select id from ${simulations} where ${answering(question)} order by ${sql.join([...oldestFirst], sql`, `)} limit 1 for key share`;

export const selectAnswer = (db: HttpDatabase, question: Question) =>
  db
    .select()
    .from(simulations)
    .where(answering(question))
    .orderBy(...oldestFirst)
    .limit(1);

/** A sub-select of its id. */
export const idOfAnswer = (question: Question): SQL =>
  sql`(select id from ${simulations} where ${answering(question)} order by ${sql.join([...oldestFirst], sql`, `)} limit 1)`;

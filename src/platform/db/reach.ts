import type { Actor } from "../../shared/access.ts";
import type { Reading } from "../../shared/acting.ts";
import type { CompanyId } from "../../shared/ids.ts";
import type { Scope } from "./client.ts";

/** What a reader sees: their company, or all of them. Queries say which rows they want all the same. */
export const readingScope = ({ actor, at, across: record }: Reading): Scope =>
  record === undefined ? { kind: "session", actor, at } : { kind: "across", actor, at, record };

/** The context for changing things of `companyId`. Opens another company to Super Admins only, whoever asks. */
export const inCompany = (actor: Actor, companyId: CompanyId, at: Date): Scope =>
  companyId === actor.companyId ? { kind: "session", actor, at } : { kind: "foreign", actor, at, companyId };

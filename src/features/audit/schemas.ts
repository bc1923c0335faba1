import { z } from "@hono/zod-openapi";
import { auditActions } from "../../shared/audit.ts";
import { uuidPattern, type CompanyId, type UserId } from "../../shared/ids.ts";
import { lastMoment, pageOf, pageQuery } from "../../shared/pagination.ts";
import { text } from "../../shared/text.ts";
import type { AuditFilter, AuditLine } from "./repository.ts";

const maxTargetLength = 200;

const lineExample = {
  id: "6f0c1f9a-2f0b-4d53-8c0d-1b8f4a9d2c33",
  at: "2026-11-22T09:30:00.000Z",
  company: { id: "8e2a1d8e-1f0a-4a56-9f0a-5a1f0b9b7c11", name: "Acme" },
  actor: { id: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10", email: "admin@demo.example" },
  action: "user.update",
  target: { type: "user", id: "0d9f4d38-6b1f-4c6e-8f65-2f3f3b9a7c21" },
  outcome: "done",
  reason: null,
  changes: { group: { old: "Reviewer", new: "Researcher" } },
  request_id: "0b6f7a0e-3f0a-4a8e-9d5c-2f5b1a7e9c11",
  ip: "203.0.113.7",
  user_agent: "curl/8.5.0",
};

const lineSchema = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    company: z.object({ id: z.uuid(), name: z.string() }),
    actor: z
      .object({ id: z.uuid(), email: z.string().nullable() })
      .nullable()
      .openapi({ description: "Null where nobody had proved who they are." }),
    action: z.string(),
    target: z.object({ type: z.string(), id: z.string().nullable() }),
    outcome: z.enum(["done", "refused"]),
    reason: z.string().nullable(),
    changes: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: "Fields with their `old` and `new` value. Never a secret." }),
    request_id: z.string(),
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .openapi("AuditLine", { example: lineExample });

export const auditPageSchema = pageOf(lineSchema).openapi("AuditPage", {
  example: { items: [lineExample], next_cursor: null },
});

/** A moment that Postgres has as well: it knows no year 0, and an offset can lead beyond the last. */
const moment = () =>
  z.iso
    .datetime({ offset: true })
    .refine((value) => new Date(value).getTime() > 0, "must be after 1970")
    .refine((value) => new Date(value).getTime() <= lastMoment, "must be before the year 10000 in UTC")
    .openapi({ example: "2026-11-22T00:00:00Z" });

export const auditListQuery = z.strictObject({
  ...pageQuery,
  actor: z.uuid().optional().openapi({ description: "Who did it." }),
  action: z.enum(auditActions).optional(),
  target: text(maxTargetLength).optional().openapi({ description: "The id of what it was done to." }),
  from: moment().optional().openapi({ description: "The first moment." }),
  to: moment().optional().openapi({ description: "The moment after the last." }),
  company_id: z.uuid().toLowerCase().optional().openapi({ description: "Of Super Admins: one company only." }),
});

/** Ids are written down in lower case, and those of simulations bare; names of roles and folders to the letter. */
function asWritten(target: string): string {
  const id = target.toLowerCase().replace(/^sim-/, "");
  return uuidPattern.test(id) ? id : target;
}

export const filterFromWire = (query: z.infer<typeof auditListQuery>): AuditFilter => ({
  companyId: query.company_id as CompanyId | undefined,
  actor: query.actor as UserId | undefined,
  action: query.action,
  target: query.target === undefined ? undefined : asWritten(query.target),
  from: query.from === undefined ? undefined : new Date(query.from),
  to: query.to === undefined ? undefined : new Date(query.to),
});

export const lineToWire = (line: AuditLine): z.infer<typeof lineSchema> => ({
  id: line.id,
  at: line.at.toISOString(),
  company: line.company,
  actor: line.actor,
  action: line.action,
  target: {
    type: line.targetType,
    id: line.targetType === "simulation" && line.targetId !== null ? `sim-${line.targetId}` : line.targetId,
  },
  outcome: line.outcome === "refused" ? "refused" : "done",
  reason: line.reason,
  changes: line.changes,
  request_id: line.requestId,
  ip: line.ip,
  user_agent: line.userAgent,
});

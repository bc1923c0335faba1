import { z } from "@hono/zod-openapi";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { AppError } from "./errors.ts";
import { uuidPattern } from "./ids.ts";

/** The last moment that can be asked for: a later year has five digits, which Postgres reads in no date. */
export const lastMoment = Date.UTC(10_000, 0) - 1;

const maxLimit = 100;
const defaultLimit = 50;

/** Where a page ends: lists are ordered by creation, newest first, and by id among those of one moment. */
export interface PageMark {
  readonly at: Date;
  readonly id: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined on the last page. */
  readonly next: PageMark | undefined;
}

/** `?limit=&cursor=`, for every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(maxLimit).default(defaultLimit),
  cursor: z.string().max(200).optional().openapi({ description: "The `next_cursor` of the page before." }),
};

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().openapi({ description: "Null on the last page." }),
  });

export const toCursor = ({ at, id }: PageMark): string =>
  toBase64url(new TextEncoder().encode(`${at.getTime()}.${id}`));

/** @throws AppError `validation_failed` for what no list of ours gave out */
export function fromCursor(cursor: string | undefined): PageMark | undefined {
  if (cursor === undefined) return undefined;
  const [milliseconds = "", id = "", ...rest] = new TextDecoder().decode(fromBase64url(cursor)).split(".");
  const at = new Date(/^\d{1,15}$/.test(milliseconds) ? Number(milliseconds) : Number.NaN);
  // Not a number is not at most the last moment either.
  if (rest.length > 0 || !(at.getTime() <= lastMoment) || !uuidPattern.test(id)) throw badCursor();
  return { at, id };
}

export function badCursor(): AppError {
  const message = "is not a cursor of this list; use next_cursor of the page before, or leave it out";
  return new AppError("validation_failed", `cursor: ${message}.`, { errors: [{ path: "cursor", message }] });
}

/** Cuts a page out of `rows`, of which one more than `limit` was asked for. */
export function toPage<T>(rows: readonly T[], limit: number, markOf: (row: T) => PageMark): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? markOf(last) : undefined };
}

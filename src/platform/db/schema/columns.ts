import { customType, timestamp } from "drizzle-orm/pg-core";

/** A moment, to the millisecond: what JavaScript's Date can hold, so that what is read equals what was written. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** A SHA-256 digest. Written as bytea; compared inside Postgres, hence never read back. */
export const digest = customType<{ data: Uint8Array; driverData: string }>({
  dataType: () => "bytea",
  toDriver: (bytes) => `\\x${Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")}`,
});

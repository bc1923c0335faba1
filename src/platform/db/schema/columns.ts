import { bytesToHex } from "@noble/hashes/utils.js";
import { customType, timestamp } from "drizzle-orm/pg-core";

/** A moment, to the millisecond: what JavaScript's Date can hold, so that what is read equals what was written. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

const bytea = customType<{ data: Uint8Array; driverData: string }>({
  dataType: () => "bytea",
  toDriver: (value) => `\\x${bytesToHex(value)}`,
});

/** Bytes. Read them by `encode(…, 'hex')`: what a driver makes of bytea differs between HTTP and socket. */
export const bytes = (name: string) => bytea(name);

/** A SHA-256 digest. Compared inside Postgres, hence never read back. */
export const digest = (name: string) => bytea(name);

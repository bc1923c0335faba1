import { sql, type SQL } from "drizzle-orm";

/** Bytes as a parameter of SQL by hand, where no column says how they travel. */
export const byteaParam = (bytes: Uint8Array): SQL =>
  sql`decode(${Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")}, 'hex')`;

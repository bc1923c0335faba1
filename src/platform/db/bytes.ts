import { bytesToHex } from "@noble/hashes/utils.js";
import { sql, type SQL } from "drizzle-orm";

/** Bytes as a parameter of SQL by hand, where no column says how they travel. */
export const byteaParam = (bytes: Uint8Array): SQL => sql`decode(${bytesToHex(bytes)}, 'hex')`;

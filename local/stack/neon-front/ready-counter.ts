const READY_FOR_QUERY = 0x5a;
const HEADER_BYTES = 5;

/**
 * Counts the ReadyForQuery messages in the bytes PostgreSQL sends, in chunks of any size: each ends one round trip.
 * Only headers are looked at; bodies are skipped without being kept.
 */
export class ReadyCounter {
  #header: Buffer = Buffer.alloc(0);
  #bodyBytesLeft = 0;

  /** How many such messages begin in this chunk. */
  count(chunk: Buffer): number {
    let ready = 0;
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#bodyBytesLeft > 0) {
        const skipped = Math.min(this.#bodyBytesLeft, chunk.length - offset);
        this.#bodyBytesLeft -= skipped;
        offset += skipped;
        continue;
      }
      const piece = chunk.subarray(offset, offset + HEADER_BYTES - this.#header.length);
      this.#header = this.#header.length === 0 ? piece : Buffer.concat([this.#header, piece]);
      offset += piece.length;
      if (this.#header.length < HEADER_BYTES) break;
      if (this.#header[0] === READY_FOR_QUERY) ready += 1;
      // The length counts itself (4 bytes) but not the type byte.
      this.#bodyBytesLeft = this.#header.readInt32BE(1) - 4;
      this.#header = Buffer.alloc(0);
    }
    return ready;
  }
}

/** What a client tells PostgreSQL that matters to the recorder. */
export type FrontendMessage =
  | { type: "startup"; applicationName?: string }
  /** The end of a round trip: a simple query, or the Sync after extended-protocol messages. */
  | { type: "query"; statements: string[] }
  | { type: "terminate" };

const PROTOCOL_VERSION_3 = 3;
// More than any statement of ours; beyond it the reader gives up instead of keeping everything.
const BUFFER_LIMIT_BYTES = 32 * 1024 * 1024;

const SIMPLE_QUERY = 0x51;
const PARSE = 0x50;
const SYNC = 0x53;
const TERMINATE = 0x58;

/**
 * Reads along with the bytes a client sends to PostgreSQL, in chunks of any size, and returns the messages that each
 * chunk completes. Message layout: "Message Formats" in PostgreSQL's manual, chapter 53.7.
 */
export class FrontendMessageReader {
  #buffer: Buffer = Buffer.alloc(0);
  #started = false;
  #statements: string[] = [];

  read(chunk: Buffer): FrontendMessage[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const messages: FrontendMessage[] = [];
    let offset = 0;
    for (;;) {
      // The first message has no type byte in front of its length, and the length includes itself.
      const typeBytes = this.#started ? 1 : 0;
      if (this.#buffer.length < offset + typeBytes + 4) break;
      const length = this.#buffer.readInt32BE(offset + typeBytes);
      const end = offset + typeBytes + length;
      if (length < 4 || end - offset > BUFFER_LIMIT_BYTES || this.#buffer.length < end) break;
      const message = this.#parse(this.#buffer.subarray(offset, end));
      if (message) messages.push(message);
      offset = end;
    }
    this.#buffer = this.#buffer.length - offset > BUFFER_LIMIT_BYTES ? Buffer.alloc(0) : this.#buffer.subarray(offset);
    return messages;
  }

  #parse(message: Buffer): FrontendMessage | undefined {
    if (!this.#started) return this.#parseStartup(message);
    switch (message[0]) {
      case SIMPLE_QUERY:
        return { type: "query", statements: [textAt(message, 5).text] };
      case PARSE:
        // The statement's name comes before its text.
        this.#statements.push(textAt(message, textAt(message, 5).next).text);
        return undefined;
      case SYNC: {
        const statements = this.#statements;
        this.#statements = [];
        return { type: "query", statements };
      }
      case TERMINATE:
        return { type: "terminate" };
      default:
        return undefined;
    }
  }

  #parseStartup(message: Buffer): FrontendMessage | undefined {
    // A request for encryption or cancelling has another number here; a start-up follows the former.
    if (message.length < 8 || message.readInt16BE(4) !== PROTOCOL_VERSION_3) return undefined;
    this.#started = true;
    const parameters = message.toString("utf8", 8).split("\0");
    const index = parameters.findIndex((name, position) => position % 2 === 0 && name === "application_name");
    const applicationName = index === -1 ? undefined : parameters[index + 1];
    return applicationName === undefined ? { type: "startup" } : { type: "startup", applicationName };
  }
}

function textAt(message: Buffer, start: number): { text: string; next: number } {
  const end = message.indexOf(0, start);
  return { text: message.toString("utf8", start, end), next: end + 1 };
}

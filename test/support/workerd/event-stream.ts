import { open } from "./api.ts";
import type { Person } from "./factories.ts";

export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** An open stream, read event by event as a client would. */
export class EventReader {
  readonly status: number;
  readonly #reader: ReadableStreamDefaultReader<string> | undefined;
  #text = "";

  private constructor(response: Response) {
    this.status = response.status;
    this.#reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(path: string, as: Person, lastEventId?: string): Promise<EventReader> {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
    return new EventReader(await open(path, { as, headers }));
  }

  /** The next event; undefined when the stream has ended. */
  async next(): Promise<ReceivedEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const event = parse(this.#text.slice(0, end));
        this.#text = this.#text.slice(end + 2);
        if (event !== undefined) return event;
        continue;
      }
      const { done, value } = (await this.#reader?.read()) ?? { done: true };
      if (done || value === undefined) return undefined;
      this.#text += value;
    }
  }

  async rest(): Promise<ReceivedEvent[]> {
    const events: ReceivedEvent[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) events.push(event);
    return events;
  }

  async leave(): Promise<void> {
    await this.#reader?.cancel();
  }
}

function parse(block: string): ReceivedEvent | undefined {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]),
  );
  const data = fields.get("data");
  return data === undefined
    ? undefined
    : { id: fields.get("id") ?? "", event: fields.get("event") ?? "message", data: JSON.parse(data) as unknown };
}

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Clock } from "./clock.ts";

/** Something that happened, as a client hears of it (HTML, Server-sent events). */
export interface StreamEvent {
  /** Without line breaks; what `Last-Event-ID` brings back. */
  readonly id: string;
  readonly event: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/** What a stream reads from. Made by a verb that has admitted the caller already. */
export interface EventFeed {
  /**
   * What came after the event `after` (undefined: from the beginning), at once if there is something, else as soon as
   * there is, else nothing after about `waitMs`. `ended`: nothing will come any more.
   */
  next(after: string | undefined, waitMs: number): Promise<{ events: readonly StreamEvent[]; ended: boolean }>;
  /** Whether the caller may still listen; asked every few seconds. */
  isLive(): Promise<boolean>;
  /** Told when `next` or `isLive` throws; the stream ends then, and the client comes back. */
  onFault(error: unknown): void;
  readonly clock: Clock;
}

/** The id of the event after which there is none: who comes back with it is told to stop coming. */
export const lastEventOfAll = "end";

/** A stream that is silent this long says so with a comment, so that nobody between takes it for dead. */
const beatMs = 5_000;
/** A stream ends by itself after this, whatever happens: one whose client left unnoticed costs no more. */
export const streamLifetimeMs = 5 * 60_000;
/** How long a client waits before it comes back. */
const reconnectMs = 1_000;

export const lastEventIdHeader = {
  "last-event-id": z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/, "must be the id of an event, 1 to 64 visible ASCII characters")
    .optional()
    .openapi({ description: "The id of the last event you have: the stream goes on after it.", example: "17" }),
};

/** What an operation that streams events answers; `example` is what such a stream holds. */
export const eventStreamResponses = (example: string) => ({
  200: { description: "The events.", content: { "text/event-stream": { schema: z.string(), example } } },
  204: { description: "You have the last event already: nothing will come any more." },
});

/**
 * The answer that streams a feed: events as they come, a comment when it is quiet. Ends with the feed, with the
 * client, with the caller's session, and after five minutes. Made as fast as it is read, so a client that does not
 * read costs nothing but one event. 204 for a client that has all: it makes browsers stop asking.
 */
export function eventStream(c: Context, feed: EventFeed, lastEventId: string | undefined): Response {
  if (lastEventId === lastEventOfAll) return c.body(null, 204);
  const { signal } = c.req.raw;
  const endsAt = feed.clock.now().getTime() + streamLifetimeMs;
  const encoder = new TextEncoder();
  let last = lastEventId;
  let left = false;
  let liveAt = Number.NEGATIVE_INFINITY;

  const isOver = async (): Promise<boolean> => {
    const at = feed.clock.now().getTime();
    if (left || signal.aborted || at >= endsAt) return true;
    if (at - liveAt < beatMs) return false;
    liveAt = at;
    return !(await feed.isLive());
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(`retry: ${reconnectMs}\n\n`)),
      async pull(controller) {
        try {
          if (await isOver()) return controller.close();
          const { events, ended } = await feed.next(last, Math.min(beatMs, endsAt - feed.clock.now().getTime()));
          if (left) return;
          last = events.at(-1)?.id ?? last;
          controller.enqueue(encoder.encode(events.length > 0 ? events.map(textOf).join("") : ": quiet\n\n"));
          if (ended) controller.close();
        } catch (error) {
          feed.onFault(error);
          controller.close();
        }
      },
      cancel() {
        left = true;
      },
    },
    { highWaterMark: 1 },
  );
  return c.body(body, 200, { "Content-Type": "text/event-stream; charset=utf-8" });
}

/** JSON has no line breaks, so one `data` line holds it. */
const textOf = ({ id, event, data }: StreamEvent): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

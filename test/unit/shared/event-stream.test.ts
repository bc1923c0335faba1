import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import {
  eventStream,
  lastEventIdHeader,
  lastEventOfAll,
  streamLifetimeMs,
  type EventFeed,
  type StreamEvent,
} from "../../../src/shared/event-stream.ts";

const progress = (id: number): StreamEvent => ({ id: String(id), event: "progress", data: { done: id } });
const end: StreamEvent = { id: lastEventOfAll, event: "completed", data: { text: "one\ntwo" } };

/** A feed on a clock of its own: every wait passes at once, and is written down. */
function feedOf(log: readonly StreamEvent[], changes: Partial<EventFeed> = {}) {
  let now = 0;
  const waits: number[] = [];
  const faults: unknown[] = [];
  const feed: EventFeed = {
    next: (after, waitMs) => {
      const rest = log.slice(log.findIndex(({ id }) => id === after) + 1);
      if (rest.length === 0) now += waitMs;
      waits.push(waitMs);
      return Promise.resolve({ events: rest.slice(0, 1), ended: rest[0]?.id === lastEventOfAll });
    },
    isLive: () => Promise.resolve(true),
    onFault: (error) => void faults.push(error),
    clock: { now: () => new Date(now) },
    ...changes,
  };
  return { feed, waits, faults, now: () => now };
}

async function open(feed: EventFeed, lastEventId?: string, init: RequestInit = {}): Promise<Response> {
  const app = new Hono().get("/", (c) => eventStream(c, feed, lastEventId));
  return await app.request("/", init);
}

describe("an event stream", () => {
  it("sends what there is, each event with its id, and ends with the feed", async () => {
    const answer = await open(feedOf([progress(1), progress(2), end]).feed);
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await answer.text()).toBe(
      'retry: 1000\n\nid: 1\nevent: progress\ndata: {"done":1}\n\nid: 2\nevent: progress\ndata: {"done":2}\n\n' +
        'id: end\nevent: completed\ndata: {"text":"one\\ntwo"}\n\n',
    );
  });

  it("goes on after the client's last event", async () => {
    const text = await (await open(feedOf([progress(1), progress(2), end]).feed, "1")).text();
    expect(text.match(/^id: .*/gm)).toEqual(["id: 2", "id: end"]);
  });

  it("tells a client that has all to stop coming", async () => {
    const answer = await open(feedOf([end]).feed, lastEventOfAll);
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
  });

  it("beats when it is quiet, and ends by itself", async () => {
    const { feed, waits, now } = feedOf([progress(1)]);
    const text = await (await open(feed)).text();
    expect(now()).toBe(streamLifetimeMs);
    expect(text.match(/^: quiet$/gm)).toHaveLength(waits.length - 1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
  });

  it("ends with the caller's session", async () => {
    let asked = 0;
    const { feed } = feedOf([], { isLive: () => Promise.resolve(++asked < 3) });
    const text = await (await open(feed)).text();
    expect(text.match(/^: quiet$/gm)).toHaveLength(2);
  });

  it("ends when its feed fails, and says why", async () => {
    const { feed, faults } = feedOf([], { next: () => Promise.reject(new Error("away")) });
    expect(await (await open(feed)).text()).toBe("retry: 1000\n\n");
    expect(faults).toEqual([new Error("away")]);
  });

  it("asks its feed no more once the client has left", async () => {
    for (const leave of ["cancel", "abort"] as const) {
      const { feed, waits } = feedOf([]);
      const request = new AbortController();
      const answer = await open(feed, undefined, { signal: request.signal });
      const reader = answer.body!.getReader();
      await reader.read();
      await reader.read();
      if (leave === "abort") request.abort();
      else await reader.cancel();
      const before = waits.length;
      while (!(await reader.read()).done);
      // At most the one chunk that was under way.
      expect(waits.length - before, leave).toBeLessThanOrEqual(1);
    }
  });

  it("takes no id with a line break, which would forge a field", () => {
    const header = lastEventIdHeader["last-event-id"];
    expect([header.safeParse("a\nb").success, header.safeParse("").success, header.safeParse("17").success]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

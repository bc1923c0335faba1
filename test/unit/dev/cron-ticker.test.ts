import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { parseCron, startCronTicker } from "../../../local/dev/cron-ticker.ts";

afterEach(() => {
  vi.useRealTimers();
});

const at = (time: string) => new Date(`2026-01-01T${time}:00Z`);

it.each([
  ["* * * * *", "13:07", true],
  ["*/5 * * * *", "13:05", true],
  ["*/5 * * * *", "13:07", false],
  ["7,30 13 * * *", "13:30", true],
  ["7,30 13 * * *", "14:30", false],
  ["0 */6 * * *", "18:00", true],
  ["0 */6 * * *", "19:00", false],
])("%s at %s UTC: %s", (expression, time, isDue) => {
  expect(parseCron(expression)(at(time))).toBe(isDue);
});

it.each(["0 0 1 * *", "0-5 * * * *", "60 * * * *", "*/0 * * * *", "* 24 * * *", "", "* *", "* * * * * *"])(
  "refuses %j, which it cannot keep",
  (expression) => {
    expect(() => parseCron(expression)).toThrow("cannot read the cron");
  },
);

it("calls the Worker at every full minute that is due, until it is stopped", async () => {
  const seen: string[] = [];
  let heard: (() => void) | undefined;
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    response.end("ok");
    heard?.();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: at("13:04").getTime() + 59_000 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ticker = startCronTicker(url, ["* * * * *", "*/5 * * * *"], () => undefined);
  expect(seen).toEqual([]);
  const twoCalls = new Promise<void>((resolve) => (heard = () => seen.length === 2 && resolve()));
  vi.advanceTimersByTime(1_000);
  await twoCalls;
  expect(seen.toSorted()).toEqual([
    "/cdn-cgi/local/scheduled?cron=*%2F5+*+*+*+*",
    "/cdn-cgi/local/scheduled?cron=*+*+*+*+*",
  ]);
  ticker.stop();
  vi.advanceTimersByTime(10 * 60_000);
  // Comes after whatever a ticker that had not stopped would have sent.
  await fetch(`${url}/last`);
  expect(seen.slice(2)).toEqual(["/last"]);
});

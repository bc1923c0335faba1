import { Sentence } from "./places.ts";

const MINUTE_MS = 60_000;
/** A tick that has not ended by then is given up; the next one comes anyway. */
const TICK_TIMEOUT_MS = 55_000;

export interface CronTicker {
  stop(): void;
}

/** Does what the platform does in production and `wrangler dev` does not: calls the Worker's `scheduled` handler by the clock. */
export function startCronTicker(url: string, expressions: string[], log: (line: string) => void): CronTicker {
  const schedules = expressions.map((expression) => ({ expression, isDue: parseCron(expression), busy: false }));
  const stopped = new AbortController();
  const tick = async (schedule: (typeof schedules)[number]): Promise<void> => {
    if (schedule.busy) return;
    schedule.busy = true;
    try {
      const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(TICK_TIMEOUT_MS)]);
      const response = await fetch(scheduledAddress(url, schedule.expression), { signal });
      await response.body?.cancel();
      if (!response.ok)
        log(`The scheduled work "${schedule.expression}" failed (${response.status}); its log is above.`);
    } catch (error) {
      if (!stopped.signal.aborted) log(`The scheduled work "${schedule.expression}" got no answer: ${String(error)}`);
    } finally {
      schedule.busy = false;
    }
  };
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    timer = setTimeout(onMinute, MINUTE_MS - (Date.now() % MINUTE_MS));
  };
  const onMinute = (): void => {
    const now = new Date();
    for (const schedule of schedules) if (schedule.isDue(now)) void tick(schedule);
    arm();
  };
  arm();
  return {
    stop: () => {
      clearTimeout(timer);
      stopped.abort();
    },
  };
}

/** Where wrangler calls the Worker's `scheduled` handler. */
export function scheduledAddress(url: string, expression: string): string {
  return `${url}/cdn-cgi/local/scheduled?${new URLSearchParams({ cron: expression })}`;
}

/** Tells for a cron expression whether a minute (UTC) is due. Minute and hour may be a star, a star over a step, or a list; the rest stars. */
export function parseCron(expression: string): (time: Date) => boolean {
  const [minute = "", hour = "", ...dates] = expression.split(" ");
  const minuteMatches = parseField(minute, 59);
  const hourMatches = parseField(hour, 23);
  if (dates.join(" ") !== "* * *" || !minuteMatches || !hourMatches) {
    throw new Sentence(`The local clock cannot read the cron "${expression}": teach it in local/dev/cron-ticker.ts.`);
  }
  return (time) => minuteMatches(time.getUTCMinutes()) && hourMatches(time.getUTCHours());
}

function parseField(field: string, max: number): ((value: number) => boolean) | undefined {
  if (field === "*") return () => true;
  const step = Number(/^\*\/(\d+)$/.exec(field)?.[1]);
  if (step >= 1) return (value) => value % step === 0;
  if (!/^\d+(,\d+)*$/.test(field)) return undefined;
  const values = new Set(field.split(",").map(Number));
  return [...values].every((value) => value <= max) ? (value) => values.has(value) : undefined;
}

import { lastEventOfAll, type EventFeed, type StreamEvent } from "../../../shared/event-stream.ts";
import { sweepLookMs } from "../limits.ts";
import type { SweepSummary } from "./repository.ts";
import { sweepEventToWire } from "./wire.ts";

/** A sweep at one moment. `partlyDone`: iterations done by the runs that have not completed. */
export interface SweepMoment {
  readonly sweep: SweepSummary;
  readonly partlyDone: number;
}

interface FeedParts extends Pick<EventFeed, "clock" | "isLive" | "onFault"> {
  /** How the sweep stands; undefined when it is gone. */
  look(): Promise<SweepMoment | undefined>;
  wait(milliseconds: number): Promise<void>;
}

/**
 * A sweep's events are its state whenever that has changed, so none is stored: an event's id says what it tells, and who
 * comes back with one hears at once of what is different now. Looks every two seconds; `first` is the first look.
 */
export function sweepFeed(first: SweepMoment, { look, wait, clock, isLive, onFault }: FeedParts): EventFeed {
  const now = (): number => clock.now().getTime();
  let event = eventOf(first);
  let last = first;
  let seenAt = now();

  async function lookAgain(): Promise<void> {
    const moment = await look();
    seenAt = now();
    event = moment === undefined ? deleted(last) : eventOf(moment);
    last = moment ?? last;
  }

  return {
    clock,
    isLive,
    onFault,
    async next(after, waitMs) {
      const until = now() + waitMs;
      while (event.id === after) {
        const due = Math.min(seenAt + sweepLookMs, until);
        await wait(Math.max(0, due - now()));
        if (due === until) return { events: [], ended: false };
        await lookAgain();
      }
      return { events: [event], ended: event.id === lastEventOfAll };
    },
  };
}

function eventOf({ sweep, partlyDone }: SweepMoment): StreamEvent {
  const data = sweepEventToWire(sweep, partlyDone);
  if (data.status !== "created" && data.status !== "in_progress")
    return { id: lastEventOfAll, event: data.status, data };
  const { created, in_progress: going, completed, failed, cancelled } = sweep.counts;
  return { id: `${created}-${going}-${completed + failed + cancelled}-${partlyDone}`, event: "progress", data };
}

/** Who listens to a sweep that is deleted hears that nothing will come any more. */
const deleted = ({ sweep, partlyDone }: SweepMoment): StreamEvent => ({
  id: lastEventOfAll,
  event: "cancelled",
  data: { ...sweepEventToWire(sweep, partlyDone), status: "cancelled" },
});

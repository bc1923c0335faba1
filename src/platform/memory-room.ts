import { AppError } from "../shared/errors.ts";

export interface RoomOptions {
  /** Works at once. */
  readonly places: number;
  /** A request that is cut off in mid-work never says that it has left; after this long its place is free all the same. */
  readonly longestStayMs: number;
  readonly longestWaitMs: number;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
}

const lookAgainMs = 20;

/** Runs a work when there is a place. @throws AppError `unavailable` after the longest wait */
export type Room = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Lets a few works in at once and has the others wait, whatever requests they are of. Who is in is kept as plain moments:
 * promises of one request are of no use to another.
 */
export function createRoom({ places, longestStayMs, longestWaitMs, now, wait }: RoomOptions): Room {
  let stays: readonly { readonly endsAt: number }[] = [];
  return async (work) => {
    const giveUpAt = now() + longestWaitMs;
    const isFull = (): boolean => {
      stays = stays.filter(({ endsAt }) => endsAt > now());
      return stays.length >= places;
    };
    while (isFull()) {
      if (now() >= giveUpAt) throw crowded();
      await wait(lookAgainMs);
    }
    const stay = { endsAt: now() + longestStayMs };
    stays = [...stays, stay];
    try {
      return await work();
    } finally {
      stays = stays.filter((other) => other !== stay);
    }
  };
}

const crowded = (): AppError =>
  new AppError("unavailable", "Too many documents are being completed at this moment. Try again in a few seconds.", {
    retryAfterSeconds: 5,
  });

/**
 * For works that hold a document of one part whole, up to 8 MiB and twice that while it is checked and sent: an isolate has
 * 128 MiB for all its requests. The longest stay is a read and a write that both take as long as they may.
 */
export const wholeDocumentRoom = createRoom({
  places: 4,
  longestStayMs: 45_000,
  longestWaitMs: 10_000,
  now: Date.now,
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});

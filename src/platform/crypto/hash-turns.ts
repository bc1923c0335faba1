import { AppError } from "../../shared/errors.ts";

/**
 * A hash blocks the isolate, and with it every call of other requests whose answer has come: their time-outs fire before
 * anybody looks at the answer. So hashes take turns, with a gap between two in which the isolate gets to its post.
 */
const gapMs = 15;
/** … longer on a machine so busy that a hash takes long: its post takes long as well. (Where clocks stand still, 15 ms.) */
const gapShare = 1 / 8;
const lookAgainMs = 5;
/** A request that is cut off in mid-hash never says that it is done; after this long its turn is over all the same. */
const longestTurnMs = 2_000;
/** More waiting than this and the next person is told to come back: at four hashes a second about eighty are ahead. */
const longestWaitMs = 20_000;

/** The moment from which the next hash may begin. A plain number: promises of one request are of no use to another. */
let freeAt = 0;

/** @throws AppError `unavailable` when too many are waiting */
export async function inTurn<T>(hash: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + longestWaitMs;
  while (Date.now() < freeAt) {
    if (Date.now() > giveUpAt)
      throw new AppError("unavailable", "Too many people sign in at this moment. Try again in a few seconds.", {
        retryAfterSeconds: 5,
      });
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
  const startedAt = Date.now();
  freeAt = startedAt + longestTurnMs;
  try {
    return await hash();
  } finally {
    const endedAt = Date.now();
    freeAt = endedAt + Math.max(gapMs, (endedAt - startedAt) * gapShare);
  }
}

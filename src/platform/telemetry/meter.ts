import type { CallMeter, Dependency } from "../../shared/tracing.ts";

interface Tally {
  calls: number;
  milliseconds: number;
}

/**
 * One request's calls. `rounds` is the number of *sequential* round trips: calls that overlap share a round.
 * Milliseconds are true locally; in production the clock moves only with I/O, which is just what is measured here.
 */
export class RequestMeter implements CallMeter {
  readonly tallies = new Map<Dependency, Tally>();
  rounds = 0;
  #underWay = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async track<T>(dependency: Dependency, call: () => Promise<T>): Promise<T> {
    const tally = this.tallies.get(dependency) ?? { calls: 0, milliseconds: 0 };
    this.tallies.set(dependency, tally);
    tally.calls += 1;
    if (this.#underWay === 0) this.rounds += 1;
    this.#underWay += 1;
    const startedAt = this.#now();
    try {
      return await call();
    } finally {
      this.#underWay -= 1;
      tally.milliseconds += this.#now() - startedAt;
    }
  }

  /** The value of a Server-Timing header. */
  serverTiming(totalMilliseconds: number): string {
    const parts = [...this.tallies].map(
      ([name, { calls, milliseconds }]) => `${name};dur=${Math.round(milliseconds)};desc="${calls} calls"`,
    );
    return [...parts, `total;dur=${Math.round(totalMilliseconds)};desc="${this.rounds} rounds"`].join(", ");
  }
}

/** A part's own count of its calls, which also go into the meter of the whole. */
export class CountingMeter implements CallMeter {
  calls = 0;
  readonly #whole: CallMeter;

  constructor(whole: CallMeter) {
    this.#whole = whole;
  }

  track<T>(dependency: Dependency, call: () => Promise<T>): Promise<T> {
    this.calls += 1;
    return this.#whole.track(dependency, call);
  }
}

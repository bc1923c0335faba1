import { dueWork, type RunEvent, type Work } from "./reducer.ts";
import type { RunState, ShardPlan, ShardReport } from "./state.ts";

/** Turns of one alarm; what is left then is the next alarm's. A run takes four or five, and one more for each wave of shards. */
const maxTurns = 32;

/** The database could not do its part: its trouble, not the run's. */
export class DatabaseFault extends Error {
  constructor(cause: unknown) {
    super("the run's row could not be read or written", { cause });
    this.name = "DatabaseFault";
  }
}

/** What carries out a run's work. Every call may be repeated, and any may be the last before a crash. */
export interface RunPorts {
  now(): number;
  /** The deployed engine. */
  readonly engine: string;
  /** Whether this is the first alarm since the object came to life. */
  readonly anew: boolean;
  state(): RunState;
  /** Writes what the event makes of the state, with its effects. */
  apply(event: RunEvent): void;
  /** Asks the database what to compute and keeps it; undefined when there is nothing to do any more. @throws DatabaseFault */
  begin(): Promise<ShardPlan | undefined>;
  /** Gives the shard its range, or pokes it. Rejects when it cannot be reached. */
  ask(shard: number): Promise<ShardReport>;
  /** Fetches a finished shard's sums; undefined when it has none. Rejects when it cannot be reached. */
  fetchSums(shard: number): Promise<Uint8Array | undefined>;
  /** Merges the sums, and writes them together with `event`. Throws for bugs only. */
  merge(sums: Uint8Array, event: RunEvent): void;
  /** Works out the outcome and stores it. @throws DatabaseFault */
  store(): Promise<void>;
  /** Stores that the run failed, and why. @throws DatabaseFault */
  fail(): Promise<void>;
  /** Told of everything that did not work and will be tried again. */
  onFault(work: Work, error: unknown): void;
}

/**
 * Does what is due until nothing is: one at a time by the caller's word, while events may come in between. Resolves always;
 * when to look again is the state's to say (`nextLook`).
 */
export async function driveRun(ports: RunPorts): Promise<void> {
  ports.apply({ type: "woken", at: ports.now(), engine: ports.engine, anew: ports.anew });
  for (let turn = 0; turn < maxTurns; turn += 1) {
    const work = dueWork(ports.state(), ports.now());
    if (work.length === 0) return;
    // Shards compute side by side, so they are asked side by side; everything else is this object's own work.
    await Promise.all(work.filter(isAsking).map((item) => attempt(ports, item)));
    for (const item of work) if (!isAsking(item)) await attempt(ports, item);
  }
}

const isAsking = ({ type }: Work): boolean => type === "ask";

async function attempt(ports: RunPorts, work: Work): Promise<void> {
  try {
    await perform(ports, work);
  } catch (error) {
    ports.onFault(work, error);
    // A shard that is out of reach is asked again once it has been silent for long enough.
    if (work.type !== "ask") ports.apply({ type: "broke", database: error instanceof DatabaseFault, at: ports.now() });
  }
}

async function perform(ports: RunPorts, work: Work): Promise<void> {
  switch (work.type) {
    case "begin": {
      const { engine } = ports;
      const plan = await ports.begin();
      return ports.apply(plan === undefined ? { type: "gone" } : { type: "begun", engine, plan });
    }
    case "ask": {
      const { shard } = work;
      ports.apply({ type: "asking", shard, at: ports.now() });
      if (ports.state().phase !== "computing") return;
      const report = await ports.ask(shard);
      return ports.apply({ type: "reported", shard, report, at: ports.now() });
    }
    case "collect":
      return collect(ports, work.shard);
    case "store":
      if (begins(ports)) {
        await ports.store();
        ports.apply({ type: "stored" });
      }
      return;
    case "fail":
      await ports.fail();
      return ports.apply({ type: "stored" });
  }
}

async function collect(ports: RunPorts, shard: number): Promise<void> {
  const isWanted = (): boolean => {
    const { phase, shards } = ports.state();
    return phase === "computing" && shards[shard]?.step === "finished";
  };
  if (!isWanted()) return;
  const sums = await ports.fetchSums(shard);
  // It may have been stopped while the shard was asked.
  if (!isWanted()) return;
  if (sums === undefined) return ports.apply({ type: "missing", shard });
  if (begins(ports)) ports.merge(sums, { type: "merged", shard });
}

/** Writes that an attempt begins; false when there were too many. */
function begins(ports: RunPorts): boolean {
  const { phase } = ports.state();
  ports.apply({ type: "attempting" });
  return ports.state().phase === phase;
}

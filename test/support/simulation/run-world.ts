import { DatabaseFault, driveRun, type RunPorts } from "../../../src/features/simulation/coordinator/driver.ts";
import { mayRelease, nextLook, reduce, type RunEvent } from "../../../src/features/simulation/coordinator/reducer.ts";
import {
  newRun,
  type RunState,
  type ShardPlan,
  type ShardReport,
} from "../../../src/features/simulation/coordinator/state.ts";

/** Numbers in [0, 1). */
export type Uniform = () => number;

export interface WorldOptions {
  readonly shards: number;
  readonly atOnce: number;
  readonly iterations: number;
  /** Steps during which things go wrong; afterwards nothing does, and everything must come to its end. */
  readonly troubleSteps: number;
}

interface StoredShard extends ShardReport {
  readonly from: number;
  readonly to: number;
  readonly alarmAt: number;
  readonly tries: number;
}

type Fate = "fine" | "lost" | "reply lost" | "doubled";
const perAlarm = 3;
const calmSteps = 4_000;

/**
 * One run with its database, its shards and the network between them, on a clock and a scheduler of their own. The run is
 * the real driver over the real reducer; shards are twins of the shell's. What is stored survives a kill, nothing else does.
 */
export class RunWorld {
  now = 1_000;
  engine = "1";
  status: "created" | "in_progress" | "completed" | "failed" | "cancelled" = "created";
  /** How often each iteration is in the result that was stored. */
  result: readonly number[] | undefined;
  killsWhileStoring = 0;
  told: number[] = [];
  readonly #random: Uniform;
  readonly #options: WorldOptions;
  #databaseUp = true;
  #state: RunState | undefined;
  #sums: number[] = [];
  #runAlarmAt = Infinity;
  #driving = false;
  #isAnew = true;
  #storing = false;
  #incarnation = 0;
  #calm = false;
  /** What must not happen, and would be swallowed as a fault if it were thrown where it does. */
  #broken: string | undefined;
  readonly #shards = new Map<number, StoredShard>();
  /** Calls under way; each, when it is its turn, happens or fails. */
  readonly #underWay: (() => void)[] = [];

  constructor(random: Uniform, options: WorldOptions) {
    this.#random = random;
    this.#options = options;
  }

  get shardsLeft(): number {
    return this.#shards.size;
  }

  get phase(): RunState["phase"] | undefined {
    return this.#state?.phase;
  }

  /** Lives through the trouble, then through calm until nothing is left to do. Checks what must hold at every step. */
  async live(): Promise<void> {
    this.#poke();
    for (let step = 0; step < this.#options.troubleSteps; step += 1) {
      this.#trouble();
      await this.#advance();
    }
    this.#calm = true;
    this.#databaseUp = true;
    // The clock finds it, if nobody else does.
    this.#poke();
    for (let step = 0; !this.#isQuiet(); step += 1) {
      if (step >= calmSteps) throw new Error(`does not come to an end: ${JSON.stringify(this.#state)}`);
      await this.#advance();
    }
  }

  #isQuiet(): boolean {
    return this.#state?.phase === "ended" && !this.#driving && this.#shards.size === 0 && this.#underWay.length === 0;
  }

  #trouble(): void {
    const dice = this.#random();
    if (dice < 0.03) this.#kill();
    else if (dice < 0.06) this.#databaseUp = !this.#databaseUp;
    else if (dice < 0.065) this.#cancel();
    else if (dice < 0.08) this.#poke();
    else if (dice < 0.085) this.engine = String(Number(this.engine) + 1);
    else if (dice < 0.1) this.#shards.delete(Math.floor(this.#random() * this.#options.shards));
  }

  /** Lets one call happen, or the next alarm ring. */
  async #advance(): Promise<void> {
    const before = [this.status, this.#state?.phase] as const;
    const pick = Math.floor(this.#random() * (this.#underWay.length + 1));
    const [call] = this.#underWay.splice(pick, 1);
    if (call === undefined) this.#ring();
    else call();
    // Whatever awaited the call goes on to its next call.
    for (let hop = 0; hop < 12; hop += 1) await Promise.resolve();
    if (this.#broken !== undefined) throw new Error(this.#broken);
    if (isEnd(before[0]) && this.status !== before[0]) throw new Error(`left ${before[0]} for ${this.status}`);
    if (before[1] === "ended" && this.#state?.phase !== "ended") throw new Error("an ended run went on");
  }

  #ring(): void {
    const rings = [
      { at: this.#driving ? Infinity : this.#runAlarmAt, ring: () => this.#runAlarm() },
      ...[...this.#shards].map(([shard, { alarmAt }]) => ({ at: alarmAt, ring: () => this.#shardAlarm(shard) })),
    ];
    const next = rings.reduce((first, other) => (other.at < first.at ? other : first));
    if (next.at === Infinity) return;
    this.now = Math.max(this.now, next.at) + 1;
    next.ring();
  }

  /** A call to another machine. */
  #call<T>(happen: () => T, repeat?: "never doubled"): Promise<T> {
    const incarnation = this.#incarnation;
    const wanted = this.#fate();
    const fate = wanted === "doubled" && repeat !== undefined ? "fine" : wanted;
    return new Promise((resolve, reject) => {
      // Who was killed meanwhile hears no answer.
      const isHeard = (): boolean => incarnation === this.#incarnation;
      this.#underWay.push(() => {
        try {
          const answer = fate === "lost" ? undefined : happen();
          if (fate === "lost" || fate === "reply lost") throw new Error(fate);
          if (fate === "doubled") this.#underWay.push(() => void happen());
          if (isHeard()) resolve(answer as T);
        } catch (cause) {
          if (isHeard()) reject(new Error("a call failed", { cause }));
        }
      });
    });
  }

  #fate(): Fate {
    const dice = this.#calm ? 1 : this.#random();
    return dice < 0.08 ? "lost" : dice < 0.16 ? "reply lost" : dice < 0.24 ? "doubled" : "fine";
  }

  async #ask<T>(question: () => T): Promise<T> {
    try {
      return await this.#call(() => {
        if (!this.#databaseUp) throw new Error("down");
        return question();
      }, "never doubled");
    } catch (error) {
      throw new DatabaseFault(error);
    }
  }

  // The run's object.

  #poke(): void {
    this.#state ??= newRun(this.now);
    this.#runAlarmAt = Math.min(this.#runAlarmAt, this.now);
  }

  #cancel(): void {
    if (this.#databaseUp && !isEnd(this.status)) this.status = "cancelled";
    else return;
    // The object may not hear of it.
    if (this.#random() < 0.7) this.#apply({ type: "stopped" });
  }

  /** The object is gone with its memory and all it waits for; a constructor sets an alarm that is missing. */
  #kill(): void {
    if (this.#storing) this.killsWhileStoring += 1;
    this.#incarnation += 1;
    this.#driving = false;
    this.#isAnew = true;
    this.#storing = false;
    if (this.#state !== undefined) this.#runAlarmAt = Math.min(this.#runAlarmAt, this.now);
  }

  #apply(event: RunEvent): void {
    if (this.#state === undefined) return;
    const { state, effects } = reduce(this.#state, event);
    this.#state = state;
    for (const effect of effects)
      if (effect.type === "tell") this.told.push(effect.done);
      else
        this.#call(() => {
          if (this.#shards.get(effect.shard)?.engine === effect.engine) this.#shards.delete(effect.shard);
        }).catch(() => undefined);
  }

  #runAlarm(): void {
    this.#runAlarmAt = Infinity;
    if (this.#state === undefined || this.#state.phase === "ended") return;
    const incarnation = this.#incarnation;
    this.#driving = true;
    const anew = this.#isAnew;
    this.#isAnew = false;
    void driveRun(this.#ports(incarnation, anew)).then(() => {
      if (incarnation !== this.#incarnation) return;
      this.#driving = false;
      this.#runAlarmAt = nextLook(this.#state!, this.now) ?? Infinity;
    });
  }

  #ports(incarnation: number, anew: boolean): RunPorts {
    const { engine } = this;
    const alive = (): void => {
      if (incarnation !== this.#incarnation) throw new Error("a killed object goes on");
    };
    return {
      engine,
      anew,
      now: () => this.now,
      state: () => this.#state!,
      apply: (event) => {
        alive();
        this.#apply(event);
      },
      begin: async () => {
        const isOpen = await this.#ask(() => {
          if (isEnd(this.status)) return false;
          this.status = "in_progress";
          return true;
        });
        if (!isOpen || this.#state!.phase !== "beginning") return undefined;
        this.#sums = Array.from({ length: this.#options.iterations }, () => 0);
        return this.#plan();
      },
      ask: (shard) => {
        const { from, to } = this.#state!.shards[shard]!;
        return this.#call(() => this.#compute(shard, { from, to, engine }));
      },
      fetchSums: (shard) =>
        this.#call(() => {
          const stored = this.#shards.get(shard);
          if (stored?.step !== "finished" || stored.engine !== engine) return undefined;
          return Uint8Array.from([stored.from, stored.to]);
        }),
      merge: ([from, to], event) => {
        alive();
        if (this.#state!.phase !== "computing") this.#broken = "merged into a run that does not compute";
        for (let iteration = from!; iteration < to!; iteration += 1) this.#sums[iteration]! += 1;
        this.#apply(event);
      },
      store: async () => {
        this.#storing = true;
        const sums = [...this.#sums];
        await this.#ask(() => {
          if (isEnd(this.status)) return;
          this.status = "completed";
          this.result = sums;
        }).finally(() => {
          this.#storing = false;
        });
      },
      fail: () =>
        this.#ask(() => {
          if (!isEnd(this.status)) this.status = "failed";
        }),
      onFault: () => undefined,
    };
  }

  #plan(): ShardPlan {
    const { shards, iterations, atOnce } = this.#options;
    const bound = (index: number): number => Math.floor((iterations * index) / shards);
    return {
      ranges: Array.from({ length: shards }, (_, index) => ({ from: bound(index), to: bound(index + 1) })),
      atOnce,
    };
  }

  // The shards' objects.

  #compute(shard: number, { from, to, engine }: { from: number; to: number; engine: string }): ShardReport {
    const stored = this.#shards.get(shard);
    if (stored?.engine !== engine || stored.from !== from || stored.to !== to)
      this.#shards.set(shard, { engine, from, to, step: "computing", done: 0, alarmAt: this.now, tries: 0 });
    return this.#where(shard)!;
  }

  #where(shard: number): ShardReport | undefined {
    const stored = this.#shards.get(shard);
    return stored && { engine: stored.engine, step: stored.step, done: stored.done };
  }

  #shardAlarm(shard: number): void {
    const stored = this.#shards.get(shard)!;
    if (stored.step === "computing" && stored.engine !== this.engine) {
      // Waits for its engine to be deployed, and asks each time whether anybody does still.
      this.#shards.set(shard, { ...stored, alarmAt: this.now + 60_000 });
      return this.#report(shard);
    }
    const done = Math.min(stored.to - stored.from, stored.done + perAlarm);
    const step = done === stored.to - stored.from ? "finished" : "computing";
    const tries = stored.step === "finished" ? stored.tries + 1 : 0;
    const pause = step === "finished" ? Math.min(60_000, 1_000 * 2 ** tries) : 1 + Math.floor(this.#random() * 1_500);
    this.#shards.set(shard, { ...stored, done, step, tries, alarmAt: this.now + pause });
    this.#report(shard);
  }

  #report(shard: number): void {
    const report = this.#where(shard)!;
    this.#call(() => {
      this.#apply({ type: "reported", shard, report, at: this.now });
      if (this.#state !== undefined) this.#runAlarmAt = Math.min(this.#runAlarmAt, this.now);
      return this.#state === undefined || mayRelease(this.#state, shard, report.engine);
    }).then(
      (released) => {
        if (released && this.#shards.get(shard)?.engine === report.engine) this.#shards.delete(shard);
      },
      () => undefined,
    );
  }
}

const isEnd = (status: RunWorld["status"]): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

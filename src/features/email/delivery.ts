import type { Clock, Random } from "../../shared/clock.ts";
import type { MailSealer } from "../../shared/mail.ts";
import * as limits from "./limits.ts";
import type { ClaimedMail, MailTransport, Outbox, Verdict } from "./ports.ts";
import { tokenPurposes, verdictAfter, verdictBefore } from "./schedule.ts";
import { renderMail } from "./render.ts";

export interface DeliveryDependencies {
  readonly outbox: Outbox;
  readonly transport: MailTransport;
  readonly sealer: MailSealer;
  /** The front end, whose pages mails link to. */
  readonly appUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly wait: (milliseconds: number) => Promise<unknown>;
  /** Told of what stopped a mail on its way: Postgres away, or a bug of ours. */
  readonly onFault: (mailId: string, error: unknown) => void;
}

/** `unsettled`: what became of them could not be stored; their claims run out and others go on. */
export interface DeliveryReport {
  readonly sent: number;
  readonly later: number;
  readonly dead: number;
  readonly unsettled: number;
}

export interface MailDelivery {
  /** Sends these, as far as they are due: what a request has queued, right after its answer. */
  deliverNow(ids: readonly string[]): Promise<DeliveryReport>;
  /** Sends what is due, up to `mailsPerTick` and for `tickSeconds`; stops early when the service takes nothing. */
  deliverDue(): Promise<DeliveryReport>;
  /** Forgets what was settled long ago; returns how many rows that were. */
  sweep(): Promise<number>;
}

type Outcome = Verdict["status"] | "unsettled";

export function createMailDelivery(deps: DeliveryDependencies): MailDelivery {
  return {
    async deliverNow(ids) {
      return report(await deliverClaim(deps, ids));
    },
    async deliverDue() {
      const outcomes: Outcome[] = [];
      const until = deps.clock.now().getTime() + limits.tickSeconds * 1000;
      while (outcomes.length < limits.mailsPerTick && deps.clock.now().getTime() < until) {
        const batch = await deliverClaim(deps);
        outcomes.push(...batch);
        if (batch.length < limits.mailsPerClaim || !batch.includes("sent")) break;
      }
      return report(outcomes);
    },
    sweep() {
      const now = deps.clock.now().getTime();
      const daysAgo = (days: number) => new Date(now - days * 24 * 3_600_000);
      const before = { sent: daysAgo(limits.keepSentDays), dead: daysAgo(limits.keepDeadDays) };
      return deps.outbox.sweep(before, limits.sweptPerTick);
    },
  };
}

async function deliverClaim(deps: DeliveryDependencies, ids?: readonly string[]): Promise<Outcome[]> {
  const at = deps.clock.now();
  const leaseUntil = new Date(at.getTime() + limits.leaseSeconds * 1000);
  const claim = { at, leaseUntil, limit: limits.mailsPerClaim };
  const mails = await deps.outbox.claim(ids === undefined ? claim : { ...claim, ids });
  const outcomes: Outcome[] = [];
  const queue = mails.values();
  const sendInTurn = async (): Promise<void> => {
    for (const mail of queue) outcomes.push(await deliverOne(deps, mail, leaseUntil));
  };
  await Promise.all(Array.from({ length: limits.sendsAtOnce }, sendInTurn));
  return outcomes;
}

/** Never throws: what goes wrong with one mail must not hold up the others. Its claim runs out, and claims are counted. */
async function deliverOne(deps: DeliveryDependencies, mail: ClaimedMail, leaseUntil: Date): Promise<Outcome> {
  // So late a call could overlap with that of whoever claims the mail next.
  if (deps.clock.now().getTime() + limits.leaseReserveSeconds * 1000 > leaseUntil.getTime()) return "unsettled";
  try {
    const verdict = verdictBefore(mail, deps.clock.now()) ?? (await attempt(deps, mail));
    return (await settle(deps, mail, verdict)) ? verdict.status : "unsettled";
  } catch (error) {
    deps.onFault(mail.id, error);
    return "unsettled";
  }
}

async function attempt(deps: DeliveryDependencies, mail: ClaimedMail): Promise<Verdict> {
  const { sealedToken, id, to } = mail;
  const token = sealedToken === null ? undefined : await deps.sealer.open(sealedToken, id);
  if (token === undefined && tokenPurposes[mail.template] !== undefined)
    return { status: "dead", reason: "token_unreadable" };
  const delivery = await deps.transport.send({ id, to, ...renderMail(mail, { appUrl: deps.appUrl, token }) });
  const [byte = 0] = deps.random.bytes(1);
  return verdictAfter(mail, delivery, deps.clock.now(), byte / 255);
}

/** Tried more than once: a mail that went out and is not marked as sent goes out again when its claim has run out. */
async function settle(deps: DeliveryDependencies, mail: ClaimedMail, verdict: Verdict): Promise<boolean> {
  for (let pauseMs = limits.settlePauseMs, tries = 1; ; pauseMs *= 2, tries += 1) {
    try {
      return await deps.outbox.settle(mail, verdict, deps.clock.now());
    } catch (error) {
      if (tries >= limits.settleTries) throw error;
      await deps.wait(pauseMs);
    }
  }
}

function report(outcomes: readonly Outcome[]): DeliveryReport {
  const count = (wanted: Outcome): number => outcomes.filter((outcome) => outcome === wanted).length;
  return { sent: count("sent"), later: count("queued"), dead: count("dead"), unsettled: count("unsettled") };
}

import { randomUUID } from "node:crypto";

export interface NewMail {
  from: string;
  to: string;
  subject: string;
  html: string;
  text: string;
  /** A second mail with the same key is not kept: the first one's id is given again. */
  idempotencyKey?: string;
}

export interface StoredMail extends NewMail {
  id: string;
  /** ISO 8601, UTC. */
  receivedAt: string;
}

export const MAILBOX_LIMIT = 500;

/** The newest mails, in memory. */
export class Mailbox {
  readonly #mails: StoredMail[] = [];

  /** Keeps a mail and forgets the oldest beyond the limit; `created` is false for a repeated idempotency key. */
  add(mail: NewMail, receivedAt: Date): { mail: StoredMail; created: boolean } {
    const known =
      mail.idempotencyKey === undefined
        ? undefined
        : this.#mails.find((other) => other.idempotencyKey === mail.idempotencyKey);
    if (known) return { mail: known, created: false };
    const stored = { ...mail, id: randomUUID(), receivedAt: receivedAt.toISOString() };
    this.#mails.unshift(stored);
    this.#mails.length = Math.min(this.#mails.length, MAILBOX_LIMIT);
    return { mail: stored, created: true };
  }

  /** Newest first; only those to an address, if one is given (case does not matter). */
  list(to?: string): StoredMail[] {
    const address = to?.toLowerCase();
    return this.#mails.filter((mail) => address === undefined || mail.to.toLowerCase() === address);
  }

  find(id: string): StoredMail | undefined {
    return this.#mails.find((mail) => mail.id === id);
  }

  clear(): void {
    this.#mails.length = 0;
  }
}

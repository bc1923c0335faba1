interface Wish {
  readonly part: string;
  readonly met: () => void;
}

/**
 * Answers that never come, though what they are about was committed: what a caller who dies in between leaves. Whoever calls
 * waits until it gives up; nobody else's calls are touched.
 */
export class WithheldAnswers {
  #wishes: Wish[] = [];

  /**
   * Withholds the answer to the next call, or to the commit of the next transaction over a socket, that has `part` in a
   * statement. Resolves once that is committed.
   */
  next(part: string): Promise<void> {
    return new Promise((met) => {
      this.#wishes.push({ part, met });
    });
  }

  /** Whether the answer to these statements, which are committed, is one of those. */
  take(statements: readonly string[]): boolean {
    const wish = this.#wishes.find(({ part }) => statements.some((statement) => statement.includes(part)));
    if (wish === undefined) return false;
    this.#wishes = this.#wishes.filter((other) => other !== wish);
    wish.met();
    return true;
  }
}

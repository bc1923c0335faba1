/**
 * What comes first of several, or undefined when the time is over. The timer ends with the race: one that goes on keeps a
 * Durable Object in memory, and its time paid for.
 */
export async function within<T>(milliseconds: number, ...coming: readonly Promise<T>[]): Promise<T | undefined> {
  const over = new AbortController();
  const time = scheduler.wait(milliseconds, { signal: over.signal }).then(() => undefined);
  try {
    return await Promise.race([...coming, time]);
  } finally {
    over.abort();
  }
}

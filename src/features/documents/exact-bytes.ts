/** Undefined when there are fewer or more bytes, or the line broke. */
export async function readExactly(body: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(size);
  const reader = body.getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }) as const);
    if (done) return at === size ? bytes : undefined;
    if (at + value.byteLength > size) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    bytes.set(value, at);
    at += value.byteLength;
  }
}

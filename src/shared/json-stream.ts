import type { Context, TypedResponse } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Pieces are joined to chunks of about this many characters, so that small ones do not cost a write each. */
const chunkLength = 64 * 1024;

/**
 * An answer whose JSON text is made while it is sent, as fast as the client takes it.
 * Typed as whatever the operation promises: the text is the schema's, by the caller's word.
 */
export function jsonStream<Status extends ContentfulStatusCode>(
  c: Context,
  pieces: Iterator<string>,
  status: Status,
): Response & TypedResponse<never, Status, "json"> {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      let text = "";
      while (text.length < chunkLength) {
        const { done, value } = pieces.next();
        if (done === true) {
          controller.enqueue(encoder.encode(text));
          controller.close();
          return;
        }
        text += value;
      }
      controller.enqueue(encoder.encode(text));
    },
  });
  const response: Response = c.body(body, status, { "Content-Type": "application/json" });
  return response as Response & TypedResponse<never, Status, "json">;
}

import type { Context, TypedResponse } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Pieces are joined to chunks of about this many characters, so that small ones do not cost a write each. */
const chunkLength = 64 * 1024;

/** An answer whose text is made while it is sent, as fast as the client takes it. */
export function textStream(
  c: Context,
  pieces: Iterator<string>,
  status: ContentfulStatusCode,
  contentType: string,
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      let text = "";
      let ended = false;
      while (!ended && text.length < chunkLength) {
        const next = pieces.next();
        if (next.done === true) ended = true;
        else text += next.value;
      }
      if (text !== "") controller.enqueue(encoder.encode(text));
      if (ended) controller.close();
    },
  });
  return c.body(body, status, { "Content-Type": contentType });
}

/** The same for JSON. Typed as whatever the operation promises: the text is the schema's, by the caller's word. */
export const jsonStream = <Status extends ContentfulStatusCode>(c: Context, pieces: Iterator<string>, status: Status) =>
  textStream(c, pieces, status, "application/json") as Response & TypedResponse<never, Status, "json">;

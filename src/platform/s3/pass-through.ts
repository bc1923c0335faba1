import type { ObjectStore, PassingBody } from "../../features/documents/object-store.ts";
import { typeless, unexpected, type S3Request, type S3Requests } from "./requests.ts";
import { streamHashed } from "./streamed-part.ts";

/** Nothing moved for so long: one of the two sides is gone. */
const stallTimeoutMs = 30_000;
const stallCheckMs = 5_000;

type PassThrough = Pick<ObjectStore, "uploadPart" | "putStreamed">;

/** Bodies that pass through us into S3, as a part or as an object. */
export const passThrough = (s3: S3Requests): PassThrough => ({
  async uploadPart({ key, uploadId, partNumber, ...body }) {
    const query = { partNumber: String(partNumber), uploadId };
    const passed = await pass(s3, { operation: "UploadPart", method: "PUT", key, query }, body);
    return passed.ok ? { ok: true, value: { partNumber, ...passed.value } } : passed;
  },
  putStreamed: (key, body) => pass(s3, { operation: "PutObject", method: "PUT", key, headers: typeless }, body),
});

async function pass(
  s3: S3Requests,
  put: Omit<S3Request, "body">,
  { size, sha256, body: from }: PassingBody,
): ReturnType<ObjectStore["putStreamed"]> {
  const passage = new FixedLengthStream(size);
  const stop = new AbortController();
  const watch = watchForStalls(stop);
  const request = { ...put, body: passage.readable };
  const sent = s3.send(request, stop.signal).then((response) => s3.read(request, response));
  const answering = sent.then(
    (answer) => ({ answer, error: undefined }),
    (error: unknown) => ({ answer: undefined, error }),
  );
  const streaming = streamHashed({
    from,
    to: passage.writable,
    size,
    sha256,
    signal: stop.signal,
    onTurn: watch.turn,
  });
  try {
    // S3 may refuse before it has read the body. Then nobody reads on, and the stream would never end.
    const first = await Promise.race([streaming, answering]);
    if ("ok" in first && !first.ok && first.reason !== "refused") return { ok: false, reason: first.reason };
    const { answer, error } = await answering;
    if (watch.stalledOn() === "caller") return { ok: false, reason: "cut_off" };
    if (answer === undefined) throw error;
    if (answer.code === "NoSuchUpload") return { ok: false, reason: "no_such_upload" };
    const etag = answer.headers.get("etag");
    if (answer.status !== 200 || answer.code !== undefined || !etag) throw unexpected(answer);
    const streamed = await streaming;
    if (!streamed.ok) throw unexpected(answer);
    return { ok: true, value: { size, etag, sha256: streamed.sha256 } };
  } finally {
    stop.abort();
    watch.end();
  }
}

type Side = "caller" | "store";

function watchForStalls(stop: AbortController) {
  let waitsFor: Side = "caller";
  let turns = 0;
  let turnsSeen = -1;
  let idleMs = 0;
  let stalledOn: Side | undefined;
  const timer = setInterval(() => {
    idleMs = turns === turnsSeen ? idleMs + stallCheckMs : 0;
    turnsSeen = turns;
    if (idleMs < stallTimeoutMs) return;
    stalledOn = waitsFor;
    stop.abort();
  }, stallCheckMs);
  return {
    turn(side: Side) {
      waitsFor = side;
      turns += 1;
    },
    stalledOn: () => stalledOn,
    end: () => clearInterval(timer),
  };
}

import { connect } from "node:net";
import type { WebSocket } from "ws";
import { preciseNowMs } from "../call-recorder.ts";
import type { CallRecorder, RecordedCall } from "../call-recorder.ts";
import { FrontendMessageReader } from "./frontend-messages.ts";
import { ReadyCounter } from "./ready-counter.ts";
import type { WithheldAnswers } from "./withheld-answers.ts";

// After its Terminate the client may close the WebSocket, or its Worker's request may end: both are quieter than a close
// from this side, after which the driver closes once more and workerd reports "Network connection lost" to its listeners.
// But Neon's proxy does close, and a client that awaits `end()` waits for that.
const CLIENT_CLOSE_TIMEOUT_MS = 100;
const OPENING_BUFFER_LIMIT_BYTES = 1024 * 1024;
const WEBSOCKET_NORMAL_CLOSURE = 1000;
const WEBSOCKET_INTERNAL_ERROR = 1011;

/** Carries one WebSocket's bytes to PostgreSQL and back, and records each round trip. */
export function tunnel(
  socket: WebSocket,
  serverPort: number,
  { recorder, withheld }: { recorder: CallRecorder; withheld: WithheldAnswers },
): void {
  const upstream = connect({ host: "127.0.0.1", port: serverPort, noDelay: true });
  const recording = new TunnelRecording(recorder);
  let terminated = false;
  let transaction: string[] = [];
  let isMute = false;

  socket.on("message", (data: Buffer) => {
    for (const message of recording.sent(data)) terminated ||= message === "terminate";
    if (upstream.connecting && upstream.writableLength > OPENING_BUFFER_LIMIT_BYTES) socket.terminate();
    else upstream.write(data);
  });
  socket.on("close", () => upstream.destroy());
  socket.on("error", () => upstream.destroy());
  upstream.on("data", (data: Buffer) => {
    for (const { statements } of recording.received(data)) {
      transaction = statements[0] === "begin" ? [] : [...transaction, ...statements];
      if (statements[0] === "commit") isMute ||= withheld.take(transaction);
    }
    if (!isMute) socket.send(data);
  });
  // "close" follows and does what is needed.
  upstream.on("error", () => undefined);
  upstream.on("close", () => {
    recording.closed();
    if (terminated) setTimeout(() => socket.close(WEBSOCKET_NORMAL_CLOSURE), CLIENT_CLOSE_TIMEOUT_MS).unref();
    else socket.close(WEBSOCKET_INTERNAL_ERROR, "PostgreSQL closed the connection or cannot be reached");
  });
}

/** Pairs what the client asks with the server's ReadyForQuery that ends each round trip. */
class TunnelRecording {
  readonly #recorder: CallRecorder;
  readonly #reader = new FrontendMessageReader();
  readonly #ready = new ReadyCounter();
  readonly #pending: RecordedCall[] = [];
  #requestId: string | undefined;

  constructor(recorder: CallRecorder) {
    this.#recorder = recorder;
  }

  sent(data: Buffer): ("startup" | "query" | "terminate")[] {
    const messages = this.#reader.read(data);
    for (const message of messages) {
      if (message.type === "startup") {
        this.#requestId = message.applicationName;
        this.#begin("websocket-connect", []);
      } else if (message.type === "query") {
        this.#begin("websocket-query", message.statements);
      }
    }
    return messages.map((message) => message.type);
  }

  /** The round trips that this ends. */
  received(data: Buffer): RecordedCall[] {
    return Array.from({ length: this.#ready.count(data) }, () => this.#end(false)).filter((call) => call !== undefined);
  }

  closed(): void {
    while (this.#pending.length > 0) this.#end(true);
  }

  #begin(kind: RecordedCall["kind"], statements: string[]): void {
    const call: RecordedCall = { kind, statements, startedAt: preciseNowMs(), endedAt: 0 };
    if (this.#requestId !== undefined) call.requestId = this.#requestId;
    this.#pending.push(call);
  }

  #end(failed: boolean): RecordedCall | undefined {
    const call = this.#pending.shift();
    if (!call) return undefined;
    call.endedAt = preciseNowMs();
    if (failed) call.failed = true;
    this.#recorder.record(call);
    return call;
  }
}

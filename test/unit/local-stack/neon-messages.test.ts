import { describe, expect, it } from "vitest";
import { FrontendMessageReader } from "../../../local/stack/neon-front/frontend-messages.ts";
import { ReadyCounter } from "../../../local/stack/neon-front/ready-counter.ts";

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type, "latin1"), length, body]);
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const parse = (statement: string): Buffer =>
  message("P", Buffer.concat([text("name"), text(statement), Buffer.alloc(2)]));
const sync = message("S", Buffer.alloc(0));
const startup = message(
  "",
  Buffer.concat([
    Buffer.from([0, 3, 0, 0]),
    text("user"),
    text("u"),
    text("application_name"),
    text("request-1"),
    Buffer.alloc(1),
  ]),
);
const conversation = Buffer.concat([
  startup,
  message("p", text("password")),
  message("Q", text("BEGIN")),
  parse("SELECT $1"),
  message("B", Buffer.alloc(300)),
  message("E", Buffer.alloc(5)),
  sync,
  message("X", Buffer.alloc(0)),
]);
const expected = [
  { type: "startup", applicationName: "request-1" },
  { type: "query", statements: ["BEGIN"] },
  { type: "query", statements: ["SELECT $1"] },
  { type: "terminate" },
];

function inPieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

describe("FrontendMessageReader", () => {
  it.each([1, 2, 3, 7, 64, 10_000])("reads a conversation that comes in pieces of %i bytes", (size) => {
    const reader = new FrontendMessageReader();
    expect(inPieces(conversation, size).flatMap((piece) => reader.read(piece))).toEqual(expected);
  });

  it("takes a request for encryption before the start-up", () => {
    const encryption = message("", Buffer.from([0x04, 0xd2, 0x16, 0x2f]));
    expect(new FrontendMessageReader().read(Buffer.concat([encryption, startup]))).toEqual(expected.slice(0, 1));
  });
});

describe("ReadyCounter", () => {
  const ready = message("Z", Buffer.from("I"));
  const answer = Buffer.concat([
    message("R", Buffer.alloc(4)),
    ready,
    message("D", Buffer.from("Z".repeat(50))),
    message("C", text("SELECT 1")),
    ready,
  ]);

  it.each([1, 2, 5, 6, 17, 10_000])("counts what ends a round trip in pieces of %i bytes", (size) => {
    const counter = new ReadyCounter();
    const counts = inPieces(answer, size).map((piece) => counter.count(piece));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  });
});

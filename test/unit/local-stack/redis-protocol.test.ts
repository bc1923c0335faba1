import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseReply, RedisError } from "../../../local/stack/redis/resp-client.ts";
import { encodeReply } from "../../../local/stack/upstash-front/commands.ts";
import { ScriptTranslator } from "../../../local/stack/upstash-front/scripts.ts";

describe("parseReply", () => {
  const whole = Buffer.from("*6\r\n+OK\r\n-ERR no\r\n:-7\r\n$-1\r\n$4\r\na\r\nb\r\n*1\r\n:1\r\n");

  it("reads every kind of reply, also nested and with line ends inside", () => {
    expect(parseReply(whole, 0)).toEqual({
      reply: ["OK", new RedisError("ERR no"), -7, null, Buffer.from("a\r\nb"), [1]],
      next: whole.length,
    });
  });

  it("waits for the rest at every cut", () => {
    for (let cut = 0; cut < whole.length; cut += 1) expect(parseReply(whole.subarray(0, cut), 0)).toBeUndefined();
  });

  it("refuses what is no RESP2", () => {
    expect(() => parseReply(Buffer.from("HTTP/1.1\r\n"), 0)).toThrow("begins no RESP2 reply");
  });
});

describe("encodeReply", () => {
  it("tells the status OK from a stored OK", () => {
    expect(encodeReply("OK", true)).toBe("OK");
    expect(encodeReply(Buffer.from("OK"), true)).toBe("T0s=");
    expect(encodeReply(["PONG", [Buffer.from("é"), 1, null]], true)).toEqual(["UE9ORw==", ["w6k=", 1, null]]);
    expect(encodeReply(["PONG", [Buffer.from("é"), 1, null]], false)).toEqual(["PONG", ["é", 1, null]]);
  });
});

describe("ScriptTranslator", () => {
  const original = "#!lua flags=allow-key-locking\nreturn 1";
  const rewritten = "\nreturn 1";
  const sha1 = (script: string): string => createHash("sha1").update(script).digest("hex");

  it("takes Upstash's flag out and follows the script by its new hash", () => {
    const scripts = new ScriptTranslator();
    expect(scripts.translate(["EVALSHA", sha1(original), "0"]).command).toEqual(["EVALSHA", sha1(original), "0"]);
    expect(scripts.translate(["eval", original, "1", "key"]).command).toEqual(["eval", rewritten, "1", "key"]);
    expect(scripts.translate(["evalsha", sha1(original).toUpperCase(), "0"]).command).toEqual([
      "evalsha",
      sha1(rewritten),
      "0",
    ]);
    expect(scripts.translate(["SCRIPT", "EXISTS", sha1(original)]).command).toEqual([
      "SCRIPT",
      "EXISTS",
      sha1(rewritten),
    ]);
    expect(scripts.translate(["SCRIPT", "LOAD", original])).toEqual({
      command: ["SCRIPT", "LOAD", rewritten],
      loadedHash: sha1(original),
    });
  });

  it("leaves everything else alone", () => {
    const scripts = new ScriptTranslator();
    for (const command of [
      ["EVAL", "return 1", "0"],
      ["EVAL", "#!lua flags=no-writes\nreturn 1", "0"],
      ["SCRIPT", "FLUSH"],
      ["GET", original],
    ]) {
      expect(scripts.translate(command)).toEqual({ command });
    }
  });
});

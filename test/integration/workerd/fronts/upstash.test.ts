import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { upstash } from "../../../support/workerd/front-clients.ts";

const unique = (name: string): string => `${name}:${crypto.randomUUID()}`;

async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${env.TEST_STACK.upstashFrontUrl}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.TEST_STACK.upstashToken}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe("@upstash/redis", () => {
  it("sets with options and reads back what it wrote", async () => {
    const redis = upstash();
    const key = unique("value");
    const value = { text: "é 🙂 OK", number: 1.5, list: [null, true] };
    expect(await redis.set(key, value, { ex: 60, nx: true })).toBe("OK");
    expect(await redis.set(key, "other", { nx: true })).toBeNull();
    expect(await redis.get(key)).toEqual(value);
    expect(await redis.ttl(key)).toBeGreaterThan(50);
    expect(await redis.getdel(key)).toEqual(value);
    expect(await redis.get(key)).toBeNull();
  });

  it("tells a stored OK from the status OK, and keeps base64 intact", async () => {
    const redis = upstash({ automaticDeserialization: false });
    const key = unique("text");
    for (const text of ["OK", "T0s=", "é\u0000\n", ""]) {
      await redis.set(key, text);
      expect(await redis.get(key)).toBe(text);
    }
  });

  it("knows hashes, sorted sets, lists and scans", async () => {
    const redis = upstash();
    const key = unique("kinds");
    await redis.hset(`${key}:hash`, { field: "value", count: 2, nested: { x: 1 } });
    await redis.zadd(`${key}:zset`, { score: 1.5, member: "one" }, { score: 2, member: "two" });
    await redis.rpush(`${key}:list`, "a", "b");
    expect(await redis.hgetall(`${key}:hash`)).toEqual({ field: "value", count: 2, nested: { x: 1 } });
    expect(await redis.zrange(`${key}:zset`, 0, -1, { withScores: true })).toEqual(["one", 1.5, "two", 2]);
    expect(await redis.lrange(`${key}:list`, 0, -1)).toEqual(["a", "b"]);
    expect(await redis.type(`${key}:zset`)).toBe("zset");
    const found: string[] = [];
    let cursor = "0";
    do {
      const [next, keys] = await redis.scan(cursor, { match: `${key}:*`, count: 1_000 });
      found.push(...keys);
      cursor = next;
    } while (cursor !== "0");
    expect(new Set(found)).toEqual(new Set(["hash", "zset", "list"].map((kind) => `${key}:${kind}`)));
  });

  it("runs pipelines, in which one command may fail", async () => {
    const redis = upstash();
    const key = unique("pipeline");
    expect(await redis.pipeline().incr(key).incrby(key, 4).get(key).exec()).toEqual([1, 5, 5]);
    const replies = await redis.pipeline().incr(key).lpush(key, "x").incr(key).exec({ keepErrors: true });
    expect(replies.map(({ result, error }) => error?.slice(0, 9) ?? result)).toEqual([6, "WRONGTYPE", 7]);
  });

  it("runs transactions, undivided", async () => {
    const redis = upstash();
    const key = unique("multi");
    const results = await Promise.all(
      Array.from({ length: 20 }, () => redis.multi().incr(key).incr(key).exec<[number, number]>()),
    );
    for (const [first, second] of results) expect(second).toBe(first + 1);
    expect(await redis.get(key)).toBe(40);
  });

  it("batches commands issued together by itself", async () => {
    const redis = upstash();
    const key = unique("auto");
    expect(await Promise.all([redis.incr(key), redis.incr(key), redis.mget(key, "nothing")])).toEqual([
      1,
      2,
      [2, null],
    ]);
  });

  it("runs Lua by text and by hash, also after the scripts are lost", async () => {
    const redis = upstash();
    const script = `#!lua flags=allow-key-locking\nreturn {KEYS[1], ARGV[1], 3, redis.call("INCR", KEYS[1])}`;
    const key = unique("lua");
    expect(await redis.eval(script, [key], ["b"])).toEqual([key, "b", 3, 1]);
    const hash = await redis.scriptLoad(script);
    expect(hash).toMatch(/^[0-9a-f]{40}$/);
    expect(await redis.evalsha(hash, [key], ["b"])).toEqual([key, "b", 3, 2]);
    await redis.scriptFlush();
    await expect(redis.evalsha(hash, [key], ["b"])).rejects.toThrow("NOSCRIPT");
    expect(await redis.createScript<unknown[]>(script).exec([key], ["b"])).toEqual([key, "b", 3, 3]);
  });

  it("passes on what Redis refuses", async () => {
    const redis = upstash();
    const key = unique("refused");
    await redis.set(key, "text");
    await expect(redis.lpush(key, "x")).rejects.toThrow("WRONGTYPE");
    const wrongArguments = redis.multi().set(key, "new").lpush(key).exec();
    await expect(wrongArguments).rejects.toThrow("EXECABORT");
    expect(await redis.get(key)).toBe("text");
  });
});

describe("the REST protocol", () => {
  it("wants the token", async () => {
    for (const authorization of ["", "Bearer wrong", `Bearer ${env.TEST_STACK.upstashToken}x`]) {
      expect((await post("/", ["PING"], { authorization })).status).toBe(401);
    }
    expect(
      await (await fetch(`${env.TEST_STACK.upstashFrontUrl}/ping?_token=${env.TEST_STACK.upstashToken}`)).json(),
    ).toEqual({ result: "PONG" });
  });

  it("takes commands in the path, with a body and with options", async () => {
    const key = unique("path/with slash");
    const encoded = encodeURIComponent(key);
    expect(await post(`/set/${encoded}?EX=100`, "a body/with slash")).toEqual({ status: 200, body: { result: "OK" } });
    expect(await post(`/get/${encoded}`, "")).toEqual({ status: 200, body: { result: "a body/with slash" } });
    const { result: seconds } = (await post(`/ttl/${encoded}`, "")).body as { result: number };
    expect([seconds > 50, seconds <= 100], `${seconds} s`).toEqual([true, true]);
  });

  it("encodes in base64 only when asked", async () => {
    const key = unique("base64");
    await post("/", ["SET", key, "é"]);
    expect((await post("/", ["GET", key])).body).toEqual({ result: "é" });
    expect((await post("/", ["GET", key], { "upstash-encoding": "base64" })).body).toEqual({ result: "w6k=" });
  });

  it.each([
    ["/", "{", "ERR failed to parse"],
    ["/", {}, "ERR a command is an array"],
    ["/pipeline", [], "ERR expected an array"],
    ["/pipeline", [[]], "ERR a command is an array"],
    ["/", ["BLPOP", "x", "0"], "ERR Command is not available"],
    ["/", ["NOSUCHCOMMAND"], "ERR unknown command"],
  ])("refuses %s %j with 400", async (path, body, message) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: expect.stringContaining(message) });
  });
});

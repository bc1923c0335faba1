import { describe, expect, it } from "vitest";
import { ask } from "../http/app-under-test.ts";

/** Cloudflare's binding exists in production only; its contract is one method. */
function fence(limit: (options: { key: string }) => Promise<{ success: boolean }>) {
  const keys: string[] = [];
  const AUTH_FENCE = {
    limit: (options: { key: string }) => {
      keys.push(options.key);
      return limit(options);
    },
  };
  const post = (path: string, method = "POST") =>
    ask(
      new Request(`https://etter.test/api/etter${path}`, {
        method,
        headers: { "Content-Type": "application/json", "CF-Connecting-IP": "2001:db8:1:2::7" },
        ...(method === "GET" ? {} : { body: "{}" }),
      }),
      { bindings: { AUTH_FENCE } },
    );
  return { keys, post };
}

describe("the outer fence", () => {
  it("refuses a network that floods the auth routes, without asking another machine", async () => {
    const { keys, post } = fence(async () => ({ success: false }));
    const answer = await post("/auth/login");
    expect(answer.status).toBe(429);
    expect(answer.headers.get("retry-after")).toBe("60");
    expect(await answer.json()).toMatchObject({ code: "rate_limited" });
    expect(answer.headers.get("server-timing")).toContain('"0 rounds"');
    expect(keys).toEqual(["2001:db8:1:2::/64"]);
  });

  it("counts nothing else", async () => {
    const { keys, post } = fence(async () => ({ success: false }));
    expect((await post("/test", "GET")).status).toBe(200);
    expect((await post("/simulation/v1/estimate")).status).toBe(401);
    expect(keys).toEqual([]);
  });

  it("lets through whom it lets through, and everybody when it does not answer", async () => {
    for (const limit of [async () => ({ success: true }), () => Promise.reject(new Error("no fence"))]) {
      const { post } = fence(limit);
      expect((await post("/auth/login")).status).toBe(422);
    }
  });
});

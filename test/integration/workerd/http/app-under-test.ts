import { OpenAPIHono } from "@hono/zod-openapi";
import { env } from "cloudflare:workers";
import { onTestFinished, vi } from "vitest";
import { createApp } from "../../../../src/http/app.ts";

/** Asks an app in this isolate: with another environment, with a request whose stream can be watched. */
export async function ask(
  request: Request,
  { app = createApp(), bindings = {} }: { app?: ReturnType<typeof createApp>; bindings?: object } = {},
): Promise<Response> {
  return app.fetch(request, { ...env, ...bindings });
}

/** The app with something beside the features' routes, added as the first of these is mounted. */
export function appWith(add: (app: OpenAPIHono) => void): ReturnType<typeof createApp> {
  const mount = OpenAPIHono.prototype.route;
  const spy = vi.spyOn(OpenAPIHono.prototype, "route").mockImplementationOnce(function (
    this: OpenAPIHono,
    ...mounted: unknown[]
  ) {
    add(this);
    return Reflect.apply(mount, this, mounted) as OpenAPIHono;
  } as never);
  try {
    return createApp();
  } finally {
    spy.mockRestore();
  }
}

export interface CapturedLog {
  /** Everything that was written, as it was written. */
  text(): string;
  /** The lines that are ours, parsed. */
  lines(): Record<string, unknown>[];
  /** The one line of a request. */
  requestLine(requestId: string): Record<string, unknown>;
}

/** What the Worker writes to its console until the test ends. */
export function captureLog(): CapturedLog {
  const written: string[] = [];
  const spies = (["debug", "info", "log", "warn", "error"] as const).map((level) =>
    vi
      .spyOn(console, level)
      .mockImplementation((...parts: unknown[]) => void written.push(parts.map(String).join(" "))),
  );
  onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
  const lines = (): Record<string, unknown>[] =>
    written.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    text: () => written.join("\n"),
    lines,
    requestLine(requestId) {
      const found = lines().filter((line) => line["event"] === "request" && line["request_id"] === requestId);
      if (found.length !== 1) throw new Error(`${found.length} lines for the request ${requestId}`);
      return found[0]!;
    },
  };
}

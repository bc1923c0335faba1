/** Fields of a log line. Identifiers and figures only: never bodies, tokens, secrets or mail addresses. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>;

/** One structured line. Workers Logs indexes the fields of a JSON object. */
export function log(level: "info" | "warn" | "error", event: string, fields: LogFields): void {
  console[level](JSON.stringify({ level, event, ...fields }));
}

/** The name and place of an error, for the log. A message may quote values, so it is left out; frames hold none. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { stack = "", message } = error;
  // The stack begins with the message, which may have lines that look like frames.
  const frames = stack
    .slice(Math.max(0, stack.indexOf(message)) + message.length)
    .split("\n")
    .filter((line) => line.trimStart().startsWith("at "))
    .slice(0, 6)
    .map((line) => line.trim());
  const cause = error.cause instanceof Error ? error.cause.name : undefined;
  return { error: error.name, sqlstate: sqlStateOf(error), s3: s3Of(error), cause, frames };
}

/** What S3 was asked and how it failed; its own words are not in it. */
function s3Of({ cause }: Error): string | undefined {
  return cause instanceof Error && "s3" in cause && typeof cause.s3 === "string" ? cause.s3 : undefined;
}

function sqlStateOf(error: unknown): string | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 4; e = e.cause, depth += 1) {
    const code = (e as { code?: unknown }).code;
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return undefined;
}

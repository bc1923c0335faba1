import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Sentence } from "../dev/places.ts";

/** Longer input than this is no password; it bounds what is read from a pipe. */
const MAX_BYTES = 4_096;

/** Asks for a new password twice, without echo; from a pipe it reads one line. Never from arguments, which others can see. */
export async function readNewPassword(): Promise<string> {
  if (!process.stdin.isTTY) return readLine();
  const password = await ask("Password (15 characters or more): ");
  if ((await ask("The same again: ")) !== password)
    throw new Sentence("The two are not the same. Nothing was changed.");
  return password;
}

async function readLine(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += String(chunk);
    if (text.includes("\n") || text.length > MAX_BYTES) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  // Readline edits the line; what it would draw goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Raw mode swallows Ctrl-C; without this the question would stay for ever.
  lines.on("SIGINT", () => process.exit(130));
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}

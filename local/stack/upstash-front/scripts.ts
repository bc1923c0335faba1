import { createHash } from "node:crypto";

const SCRIPT_LIMIT = 256;
// The flag in the first line of @upstash/ratelimit's scripts is known to Upstash alone; plain Redis refuses it.
const UPSTASH_SHEBANG = /^#!lua[^\n]*allow-key-locking[^\n]*(?=\n)/;

/**
 * Lets plain Redis run scripts made for Upstash. The line is emptied, not removed, so that error messages keep their line
 * numbers. The text changes, and with it the hash by which the client knows the script: this remembers which is which.
 */
export class ScriptTranslator {
  readonly #hashes = new Map<string, string>();

  /** The command to send instead, and how to translate its reply back. */
  translate(command: readonly string[]): { command: readonly string[]; loadedHash?: string } {
    const [name = "", first = "", script = ""] = command;
    switch (name.toUpperCase()) {
      case "EVAL":
      case "EVAL_RO":
        return { command: [name, this.#rewrite(first), ...command.slice(2)] };
      case "EVALSHA":
      case "EVALSHA_RO":
        return { command: [name, this.#hashes.get(first.toLowerCase()) ?? first, ...command.slice(2)] };
      case "SCRIPT": {
        if (first.toUpperCase() === "EXISTS") {
          return {
            command: [name, first, ...command.slice(2).map((hash) => this.#hashes.get(hash.toLowerCase()) ?? hash)],
          };
        }
        if (first.toUpperCase() !== "LOAD") return { command };
        return { command: [name, first, this.#rewrite(script)], loadedHash: sha1(script) };
      }
      default:
        return { command };
    }
  }

  #rewrite(script: string): string {
    const rewritten = script.replace(UPSTASH_SHEBANG, "");
    if (rewritten === script) return script;
    if (this.#hashes.size >= SCRIPT_LIMIT) {
      // A forgotten script costs its client one NOSCRIPT, after which it sends the text again.
      const [oldest] = this.#hashes.keys();
      if (oldest !== undefined) this.#hashes.delete(oldest);
    }
    this.#hashes.set(sha1(script), sha1(rewritten));
    return rewritten;
  }
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

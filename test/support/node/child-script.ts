import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";

export interface ChildScript {
  readonly processId: number;
  /** The next line it prints; rejects with what it wrote to stderr when it ends first. */
  nextLine(): Promise<string>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

const running = new Set<ChildScript>();

/** For afterEach: a test that fails half-way must not leave its scripts behind. */
export async function killScripts(): Promise<void> {
  await Promise.all([...running].map((script) => script.kill()));
}

/** Starts a script of `fixtures/` in a process of its own. */
export function startScript(name: string, argument: string): ChildScript {
  const child = spawn(process.execPath, [join(import.meta.dirname, "fixtures", name), argument], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
  const script: ChildScript = {
    processId: child.pid ?? -1,
    nextLine: async () => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${name} ended: ${errors}`);
      return line.value;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
      running.delete(script);
    },
  };
  running.add(script);
  return script;
}

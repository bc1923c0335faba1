import { spawn } from "node:child_process";
import path from "node:path";
import { PROJECT_FOLDER } from "../../../../local/dev/places.ts";

export interface ToolResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a script of local/cli as `npm run` would, with these variables over ours and this text as its input. */
export function runTool(
  script: string,
  args: string[],
  {
    env = {},
    input = "",
    folder = PROJECT_FOLDER,
  }: { env?: Record<string, string>; input?: string; folder?: string } = {},
): Promise<ToolResult> {
  const child = spawn(process.execPath, [path.join(folder, "local/cli", script), ...args], {
    cwd: folder,
    // Empty: a developer's own settings must not reach the tool, nor point it at their database.
    env: { ...process.env, DATABASE_URL: "", DATABASE_OWNER_URL: "", ...env },
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const result: ToolResult = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (result.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (result.stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...result, code }));
  });
}

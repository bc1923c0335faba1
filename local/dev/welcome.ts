import { DEMO_USERS, demoPassword } from "../demo-data.ts";
import type { DevServer } from "./server.ts";

/** What `npm run dev` prints when all is up: where to go and whom to be. */
export function welcome(
  { url, stack, madeSecrets }: Pick<DevServer, "url" | "stack" | "madeSecrets">,
  readyMs: number,
): string {
  const places = [
    ["API", `${url}/api/etter`],
    ["Docs", `${url}/docs/etter  (to try it)`],
    ["", `${url}/redoc  (to read it)`],
    ["Mail", `${stack.frontUrls.mailSink}  (what Etter would have sent)`],
    ["Database", "npm run db:status"],
  ];
  const people = DEMO_USERS.map(({ email, group, company }) => [email, `${group}, ${company}`]);
  return [
    "",
    `  Etter is ready, after ${(readyMs / 1000).toFixed(1)} s. Ctrl-C stops it.`,
    ...(madeSecrets ? ["  It made .dev.vars, with random secrets for this machine."] : []),
    "",
    ...table(places),
    "",
    `  Sign in with the password "${demoPassword()}" as`,
    ...table(people),
    "",
    "  Next, in another terminal: npm run demo",
    "",
  ].join("\n");
}

function table(rows: string[][]): string[] {
  const width = Math.max(...rows.map(([first = ""]) => first.length)) + 2;
  return rows.map(([first = "", second = ""]) => `    ${first.padEnd(width)}${second}`);
}

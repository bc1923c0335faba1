import type { IncomingMessage, ServerResponse } from "node:http";
import { listen, readJson, sendJson, type ListeningServer } from "../../../local/stack/http-server.ts";

const BODY_LIMIT_BYTES = 64 * 1024;
const MEBIBYTE = 1024 * 1024;

interface Question {
  version: number;
  company_id: string;
  roles: string[];
}

const workloads = (role: string) => [
  { Name: `Work of a ${role}`, Type: "Auto", Skill: 0.25, Time: 0.75, Reason: "Told by the service." },
  { Name: "Talking", Type: "Non-Auto", Skill: 0.5, Time: 0.25 },
];
const described = ({ roles }: Question) => ({
  version: 1,
  roles: roles.map((role) => ({ role, workloads: workloads(role) })),
});

type Manner = (question: Question, response: ServerResponse) => void;
const sent =
  (answer: (question: Question) => unknown): Manner =>
  (question, response) =>
    sendJson(response, 200, answer(question));
const text = (response: ServerResponse, body: string): void => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(body);
};

/** How the service behaves, by the path it is asked under. */
const manners: Readonly<Record<string, Manner>> = {
  well: sent(described),
  // The second role is described badly, a third that nobody asked for well.
  partly: sent((question) => ({
    version: 1,
    roles: [
      ...described(question).roles.map((entry, index) =>
        index === 1 ? { ...entry, workloads: [{ ...workloads("x")[0], Time: -1 }] } : entry,
      ),
      { role: "Nobody asked", workloads: workloads("x") },
    ],
  })),
  // Spells the names as it likes.
  loud: sent((question) => ({
    version: 1,
    roles: described(question).roles.map((entry) => ({ ...entry, role: `"${entry.role.toUpperCase()}"` })),
  })),
  "other-version": sent((question) => ({ ...described(question), version: 2 })),
  "other-shape": sent(() => ({ Engineer: workloads("x") })),
  "no-time": sent(({ roles }) => ({
    version: 1,
    roles: roles.map((role) => ({ role, workloads: workloads(role).map((each) => ({ ...each, Time: 0 })) })),
  })),
  rubbish: (_, response) => text(response, "<html>Sign in</html>"),
  "half-json": (question, response) => text(response, JSON.stringify(described(question)).slice(0, -9)),
  huge: (question, response) => text(response, JSON.stringify(described(question)).padEnd(MEBIBYTE + 1, " ")),
  "server-error": (_, response) => sendJson(response, 500, { message: "broken" }),
  denied: (_, response) => sendJson(response, 401, { message: "who are you" }),
  elsewhere: (_, response) => {
    response.writeHead(302, { location: "/well" });
    response.end();
  },
  silent: () => undefined,
  dripping: (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write("{");
  },
  "hanging-up": (_, response) => void response.destroy(),
};

/** A workload service (docs/design/workload-provider.md) that can misbehave. `GET /_asked` lists what it was asked. */
export async function startWorkloadService(token: string): Promise<ListeningServer> {
  const asked: { path: string; authorised: boolean; question: Question }[] = [];
  return listen(async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? "/").slice(1);
    if (path === "_asked") return sendJson(response, 200, asked);
    const question = (await readJson(request, BODY_LIMIT_BYTES)) as Question;
    const authorised = request.headers.authorization === `Bearer ${token}`;
    asked.push({ path, authorised, question });
    const manner = manners[path];
    if (manner === undefined || !authorised) return sendJson(response, 404, { message: "no such manner" });
    manner(question, response);
  });
}

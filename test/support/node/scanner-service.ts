import type { IncomingMessage, ServerResponse } from "node:http";
import { listen, readJson, sendJson, type ListeningServer } from "../../../local/stack/http-server.ts";
import { verdictHeaders } from "../verdict-signature.ts";

const BODY_LIMIT_BYTES = 64 * 1024;

/** What Etter asks; docs/design/scanner.md. */
export interface ScanQuestion {
  version: number;
  document_id: string;
  scan: string;
  url: string;
  verdict_url: string;
  size_bytes: number;
  sha256: string | null;
  content_type: string;
}

type Manner = (question: ScanQuestion, response: ServerResponse, secret: string) => void;
const answering =
  (status: number): Manner =>
  (_, response) =>
    sendJson(response, status, {});

/** A document with these words in it is infected. */
export const TEST_VIRUS = "these words stand for a virus";

/** How the service behaves, by the path it is asked under. Only `scanning` looks and answers; for the others a test does. */
const manners: Readonly<Record<string, Manner>> = {
  scanning: (question, response, secret) => {
    sendJson(response, 202, {});
    // What goes wrong shows in a document that is never settled.
    scan(question, secret).catch(() => undefined);
  },
  well: answering(202),
  busy: answering(503),
  denied: answering(401),
  elsewhere: (_, response) => void response.writeHead(307, { location: "/well" }).end(),
  silent: () => undefined,
  "hanging-up": (_, response) => void response.destroy(),
};

async function scan({ scan: reference, url, verdict_url: verdictUrl }: ScanQuestion, secret: string): Promise<void> {
  const text = await (await fetch(url)).text();
  const found = text.includes(TEST_VIRUS) ? { verdict: "infected", reason: "Test.Virus-1" } : { verdict: "clean" };
  const body = JSON.stringify({ scan: reference, ...found });
  const headers = { "Content-Type": "application/json", ...verdictHeaders(secret, body) };
  await fetch(verdictUrl, { method: "POST", headers, body });
}

/** A malware scanner as docs/design/scanner.md asks, which can misbehave. `GET /_asked` lists what it was asked, newest last. */
export async function startScannerService(token: string, secret = ""): Promise<ListeningServer> {
  const asked: { manner: string; authorised: boolean; question: ScanQuestion }[] = [];
  return listen(async (request: IncomingMessage, response: ServerResponse) => {
    const manner = (request.url ?? "/").slice(1);
    if (manner === "_asked") return sendJson(response, 200, asked);
    const question = (await readJson(request, BODY_LIMIT_BYTES)) as ScanQuestion;
    const authorised = request.headers.authorization === `Bearer ${token}`;
    asked.push({ manner, authorised, question });
    const behave = manners[manner];
    if (behave === undefined || !authorised) return sendJson(response, 404, { message: "no such manner" });
    behave(question, response, secret);
  });
}

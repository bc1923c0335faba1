import type { IncomingMessage, ServerResponse } from "node:http";
import { HttpError, listen, readBody, sendJson, type ListeningServer } from "../../../local/stack/http-server.ts";
import { signatureFault, type SigningKey } from "./sigv4-verifier.ts";

const BODY_LIMIT_BYTES = 256 * 1024;
const MEBIBYTE = 1024 * 1024;
/** Long enough to stop a database meanwhile. */
const SLOW_MS = 5_000;
const SES_PATH = "/v2/email/outbound-emails";

/** A mail that the service took: once for a key over HTTP, once for each call in the manner of SES. */
export interface TakenMail {
  manner: string;
  key: string;
  to: string;
  messageId: string;
}

interface Call {
  response: ServerResponse;
  /** Takes the mail and answers with its id. */
  take: () => void;
  taken: () => TakenMail;
}

const failing = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  return ({ response }: Call): void => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    sendJson(response, status, body);
  };
};
const ses = (status: number, error: string, message = "said SES") =>
  failing(status, { message }, { "x-amzn-ErrorType": error });

/** How the service behaves, by the first part of the path it is asked under. */
const manners: Readonly<Record<string, (call: Call) => void>> = {
  well: ({ take }) => take(),
  busy: failing(429, { message: "slow down" }, { "retry-after": "120" }),
  broken: failing(503, { message: "one moment" }),
  "bad-mail": failing(422, { message: "no such domain: person@example.com" }),
  denied: failing(401, { message: "who are you" }),
  nowhere: failing(404, { message: "nothing here" }),
  silent: () => undefined,
  "hanging-up": ({ response }) => void response.destroy(),
  /** Takes the mail and dies before it says so. */
  lost: ({ taken, response }) => {
    taken();
    response.destroy();
  },
  "taken-in-silence": ({ taken }) => void taken(),
  slow: ({ taken, take }) => {
    taken();
    setTimeout(take, SLOW_MS);
  },
  elsewhere: failing(307, {}, { location: "/well/messages" }),
  rubbish: ({ taken, response }) => {
    taken();
    response.writeHead(200, { "content-type": "text/html" }).end("<html>taken</html>");
  },
  huge: ({ taken, response }) => {
    taken();
    response.writeHead(200, { "content-type": "application/json" }).end(`{"id":"${"x".repeat(MEBIBYTE)}"}`);
  },
  "ses-rejected": ses(400, "MessageRejected"),
  "ses-bad-request": ses(400, "BadRequestException:http://internal.amazon.com/coral/"),
  "ses-unverified": ses(400, "MessageRejected", "Email address is not verified. The following identities failed"),
  "ses-throttled": ses(429, "TooManyRequestsException"),
  "ses-throttled-400": failing(400, { __type: "com.amazon.coral.availability#ThrottlingException" }),
  "ses-paused": ses(400, "SendingPausedException"),
  "ses-suspended": ses(400, "AccountSuspendedException"),
};

/**
 * Two mail services in one, which can misbehave: by HTTP as docs/design/mail.md asks, and in the manner of SES, whose
 * signatures it checks. `GET /_taken` lists what they took, newest last.
 */
export async function startMailService(token: string, key: SigningKey): Promise<ListeningServer> {
  const mails: TakenMail[] = [];
  return listen(async (request: IncomingMessage, response: ServerResponse) => {
    const target = request.url ?? "/";
    if (target === "/_taken") return sendJson(response, 200, mails);
    const [, manner = "", path = ""] = /^\/([a-z0-9-]+)(\/.*)$/.exec(target) ?? [];
    const body = await readBody(request, BODY_LIMIT_BYTES);
    const behave = manners[manner];
    if (behave === undefined) throw new HttpError(404, "no such manner");
    const read = path === SES_PATH ? readSes(request, body, key) : readHttp(request, body, token);
    const taken = (): TakenMail => {
      const known = path === SES_PATH ? undefined : mails.find((mail) => mail.key === read.key);
      if (known !== undefined) return known;
      const mail = { manner, ...read, messageId: `message-${mails.length + 1}` };
      mails.push(mail);
      return mail;
    };
    const take = (): void => {
      const { messageId } = taken();
      sendJson(response, 200, path === SES_PATH ? { MessageId: messageId } : { id: messageId });
    };
    behave({ response, take, taken });
  });
}

function readHttp(request: IncomingMessage, body: Buffer, token: string): Pick<TakenMail, "key" | "to"> {
  if (request.headers.authorization !== `Bearer ${token}`) throw new HttpError(401, "a wrong token");
  const mail = JSON.parse(body.toString("utf8")) as Record<string, string>;
  if (Object.keys(mail).toSorted().join() !== "from,html,subject,text,to") throw new HttpError(422, "another shape");
  return { key: String(request.headers["idempotency-key"]), to: String(mail["to"]) };
}

function readSes(request: IncomingMessage, body: Buffer, key: SigningKey): Pick<TakenMail, "key" | "to"> {
  const { method = "", url: target = "", headers } = request;
  const fault = signatureFault({ method, target, headers, body }, key);
  if (fault !== undefined) throw new HttpError(403, fault);
  const mail = JSON.parse(body.toString("utf8")) as {
    Destination: { ToAddresses: string[] };
    EmailTags: { Name: string; Value: string }[];
  };
  return { key: mail.EmailTags[0]?.Value ?? "", to: mail.Destination.ToAddresses.join() };
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { HttpError, listen, readJson, sendJson } from "../http-server.ts";
import { Mailbox } from "./mailbox.ts";
import type { NewMail, StoredMail } from "./mailbox.ts";
import { MAIL_BODY_POLICY, PAGE_POLICY, PAGE_STYLE, renderPage } from "./page.ts";

export interface MailSink {
  readonly url: string;
  readonly mailbox: Mailbox;
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Takes the mails that production would hand to a provider: `POST /messages`, by the contract of docs/design/mail.md, but
 * without a token. Shows them at `/`, lists them at
 * `GET /messages[?to=…]` (newest first) and forgets them on `DELETE /messages`.
 */
export async function startMailSink(port?: number): Promise<MailSink> {
  const mailbox = new Mailbox();
  const listening = await listen((request, response) => serve(request, response, mailbox), port);
  return { url: listening.url, mailbox, close: listening.close };
}

async function serve(request: IncomingMessage, response: ServerResponse, mailbox: Mailbox): Promise<void> {
  const url = new URL(request.url ?? "/", "http://sink.invalid");
  const body = /^\/messages\/([0-9a-f-]{36})\/html$/.exec(url.pathname);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("cache-control", "no-store");
  switch (`${request.method} ${body ? "/messages/{id}/html" : url.pathname}`) {
    case "POST /messages": {
      const key = request.headers["idempotency-key"];
      const { mail, created } = mailbox.add(parseMail(await readJson(request, BODY_LIMIT_BYTES), key), new Date());
      return sendJson(response, created ? 201 : 200, { id: mail.id });
    }
    case "GET /messages":
      return sendJson(response, 200, { messages: mailbox.list(url.searchParams.get("to") ?? undefined).map(toWire) });
    case "DELETE /messages":
      mailbox.clear();
      response.writeHead(204).end();
      return undefined;
    case "GET /":
      return sendText(response, "text/html", renderPage(mailbox.list()), PAGE_POLICY);
    case "GET /style.css":
      return sendText(response, "text/css", PAGE_STYLE, PAGE_POLICY);
    case "GET /messages/{id}/html": {
      const mail = mailbox.find(body?.[1] ?? "");
      if (!mail) throw new HttpError(404, "No such mail.");
      return sendText(response, "text/html", mail.html, MAIL_BODY_POLICY);
    }
    default:
      throw new HttpError(404, "Not found.");
  }
}

function parseMail(value: unknown, key: string | string[] | undefined): NewMail {
  const fields = (typeof value === "object" ? value : undefined) as Record<string, unknown> | undefined | null;
  const text = (name: string): string => {
    const field = fields?.[name];
    if (typeof field !== "string") throw new HttpError(422, `\`${name}\` must be a text.`);
    return field;
  };
  const mail = { from: text("from"), to: text("to"), subject: text("subject"), html: text("html"), text: text("text") };
  return typeof key === "string" ? { ...mail, idempotencyKey: key } : mail;
}

function toWire({ receivedAt, idempotencyKey, ...mail }: StoredMail): Record<string, unknown> {
  return { ...mail, idempotency_key: idempotencyKey ?? null, received_at: receivedAt };
}

function sendText(response: ServerResponse, type: string, text: string, policy: string): void {
  response.setHeader("content-security-policy", policy);
  response.setHeader("referrer-policy", "no-referrer");
  response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(text);
}

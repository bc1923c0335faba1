import { call, type Answer, type Call } from "./api.ts";
import type { Person } from "./factories.ts";
import { s3Path } from "./uploads.ts";

/** What Uppy's S3 plugin sends, call for call; its real self is in test/e2e/browser/uppy.e2e.test.ts. */
export class UppyCalls {
  readonly path: string;
  constructor(url: string) {
    this.path = new URL(url).pathname;
  }

  static async for(as: Person): Promise<UppyCalls> {
    const { status, body, text } = await call(`${s3Path}/uppy`, { method: "POST", as });
    if (status !== 200) throw new Error(`no address: ${text}`);
    return new UppyCalls(body.url as string);
  }

  call(suffix: string, init: Call = {}): Promise<Answer> {
    return call(`${this.path}/s3/multipart${suffix}`, init);
  }

  begin(metadata: Record<string, unknown>, filename = "a.pdf", type = "application/pdf"): Promise<Answer> {
    return this.call("", {
      body: { filename, type, metadata: { relativePath: null, name: filename, type, ...metadata } },
    });
  }

  address({ uploadId, key }: Begun, part: number): Promise<Answer> {
    return this.call(`/${uploadId}/${part}?key=${key}`);
  }

  parts({ uploadId, key }: Begun): Promise<Answer> {
    return this.call(`/${uploadId}?key=${key}`);
  }

  complete({ uploadId, key }: Begun, etags: readonly string[]): Promise<Answer> {
    const parts = etags.map((etag, index) => ({ PartNumber: index + 1, ETag: etag.replaceAll('"', "") }));
    return this.call(`/${uploadId}/complete?key=${key}`, { body: { parts } });
  }

  abort({ uploadId, key }: Begun): Promise<Answer> {
    return this.call(`/${uploadId}?key=${key}`, { method: "DELETE" });
  }

  /** Asks for the part's address and sends the bytes there, with no header of its own. Returns the tag as the page sees it. */
  async send(upload: Begun, part: number, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const { status, body, text } = await this.address(upload, part);
    if (status !== 200) throw new Error(`no address for part ${part}: ${text}`);
    const url = new URL(body.url as string);
    if (url.pathname.startsWith(s3Path)) {
      const sent = await call(url.pathname + url.search, { method: "PUT", raw: bytes });
      if (sent.status !== 200) throw new Error(`part ${part} was refused: ${sent.text}`);
      return sent.headers.get("etag")!;
    }
    const sent = await fetch(url, { method: "PUT", body: bytes });
    if (!sent.ok) throw new Error(`S3 refused part ${part}: ${await sent.text()}`);
    return sent.headers.get("etag")!;
  }
}

export interface Begun {
  readonly uploadId: string;
  readonly key: string;
}

import { describe, expect, it } from "vitest";
import { zipOf } from "../../../support/documents/zip.ts";
import { call } from "../../../support/workerd/api.ts";
import { config, makePerson } from "../../../support/workerd/factories.ts";
import { storeAt } from "../../../support/workerd/stores.ts";
import { begin, pdf, read, s3Path, upload } from "../../../support/workerd/uploads.ts";

const text = (value: string) => Uint8Array.from(new TextEncoder().encode(value));
const hex = (value: string) => Uint8Array.from(value.match(/../g)!.map((byte) => Number.parseInt(byte, 16)));
const svg = text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
const page = text("<!doctype html><script>alert(1)</script>");
const eicar = text("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

describe("a file name", () => {
  it.each([
    "a..b.pdf",
    "...pdf",
    "Übergrößenträger & Söhne \"GmbH\" 'x'.pdf",
    "%2e%2e%2fetc%2fpasswd",
    "%00.pdf",
    "‮fdp.exe",
    "👩‍👩‍👧‍👦.pdf",
    "; filename=evil.exe",
    "a".repeat(251) + ".pdf",
    "<script>alert(1)</script>.pdf".replaceAll("/", ":"),
    "'; DROP TABLE documents; --",
    "__proto__",
    "{{7*7}}",
  ])("is kept to the letter and comes back in its RFC 8187 form: %j", async (filename) => {
    const as = await makePerson();
    const { id, document } = await upload(as, pdf(), { filename });
    expect(document.original_filename).toBe(filename);
    expect(
      (await call(`${s3Path}/documents?q=${encodeURIComponent(filename.slice(0, 200))}`, { as })).body.items,
    ).toHaveLength(1);
    const { body } = await call(`${s3Path}/documents/${id}/download`, { method: "POST", as });
    const { answer } = await read(body.url);
    const disposition = answer.headers.get("content-disposition")!;
    expect(disposition).toMatch(/^attachment; filename="[^"\\%\p{Cc}]*"; filename\*=UTF-8''[\w%.~!#$&+^`|-]*$/u);
    expect(decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(disposition)![1]!)).toBe(filename);
    // S3 never hears it.
    expect((await storeAt(config.s3).list(`test/${as.companyId}/`)).items.map(({ key }) => key)).toEqual([
      `test/${as.companyId}/${id}/1`,
    ]);
  });

  it.each([
    "",
    " ",
    ".",
    "..",
    "../x.pdf",
    "..\\x.pdf",
    "/etc/passwd",
    "a/b.pdf",
    "C:\\x.pdf",
    "a\0.pdf",
    "a\r\nSet-Cookie: x=1",
    "a\u{1b}[31m.pdf",
    "a".repeat(256),
    "ü".repeat(128),
    "\ud800.pdf",
  ])("is refused, for an upload and for a rename: %j", async (filename) => {
    const as = await makePerson();
    const begun = await begin(as, 10, { filename });
    expect([begun.status, begun.body.errors?.[0]?.path], begun.text).toEqual([422, "original_filename"]);
    const { id } = await upload(as);
    const renamed = await call(`${s3Path}/documents/${id}`, {
      method: "PATCH",
      as,
      body: { original_filename: filename },
    });
    expect([renamed.status, renamed.body.errors?.[0]?.path], renamed.text).toEqual([422, "original_filename"]);
  });
});

describe("a folder", () => {
  it.each(["..", "/../x", "/a/../../b", "/a/./b", "//", "/a//b", "/a\\b", "/a\0", "/a\r\nb", `/${"ü".repeat(128)}`])(
    "is refused wherever one is named: %j",
    async (folder) => {
      const as = await makePerson();
      const { id } = await upload(as);
      const encoded = encodeURIComponent(folder);
      const answers = [
        await begin(as, 10, { more: { folder_path: folder } }),
        await call(`${s3Path}/documents/${id}`, { method: "PATCH", as, body: { folder_path: folder } }),
        await call(`${s3Path}/documents?folder_path=${encoded}`, { as }),
        await call(`${s3Path}/folders`, { as, body: { path: folder } }),
        await call(`${s3Path}/folders?path=${encoded}`, { as }),
        await call(`${s3Path}/folders?path=${encoded}&recursive=true`, { method: "DELETE", as }),
      ];
      expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
        answers.map(() => [422, "validation_failed"]),
      );
    },
  );

  it.each(["/%2e%2e", "/%2f", "/..a", "/a..", "/*", "/100%", "/_", "/'; --", '/ü & "x"'])(
    "is one of that very name, and no pattern: %j",
    async (folder) => {
      const as = await makePerson();
      const { id } = await upload(as, pdf(), { more: { folder_path: folder } });
      const other = await upload(as, pdf(), { more: { folder_path: "/other" } });
      const found = async (more: string) =>
        (await call(`${s3Path}/documents?folder_path=${encodeURIComponent(folder)}${more}`, { as })).body.items.map(
          (one: { id: string }) => one.id,
        );
      expect([await found(""), await found("&recursive=true")]).toEqual([[id], [id]]);
      await call(`${s3Path}/folders?path=${encodeURIComponent(folder)}&recursive=true`, { method: "DELETE", as });
      expect((await call(`${s3Path}/documents`, { as })).body.items.map((one: { id: string }) => one.id)).toEqual([
        other.id,
      ]);
    },
  );
});

describe("content that is not what it claims to be", () => {
  it.each([
    ["an SVG as a PNG", svg, "image/png", "type_mismatch"],
    ["a page as a PDF", page, "application/pdf", "type_mismatch"],
    ["a page as a picture", page, "image/jpeg", "type_mismatch"],
    ["a PDF as a picture that runs", pdf(), "image/svg+xml", "type_mismatch"],
    ["a PDF as a page", pdf(), "text/html", "type_mismatch"],
    ["the test virus as a page", eicar, "text/html", "malware_signature"],
    ["the test virus as text", eicar, "text/plain", "malware_signature"],
    ["the test virus as nothing", eicar, "application/octet-stream", "malware_signature"],
    ["a Windows program as a picture", text(`MZ${"\0".repeat(200)}`), "image/png", "executable"],
    [
      "an ELF program as text",
      Uint8Array.from([...hex("7f454c4602010100"), ...new Uint8Array(100)]),
      "text/plain",
      "executable",
    ],
    [
      "a Mach-O program as nothing",
      Uint8Array.from([...hex("cffaedfe07000001"), ...new Uint8Array(100)]),
      "application/octet-stream",
      "executable",
    ],
    ["a shell script as text", text("#!/bin/sh\necho\n"), "text/plain", "executable"],
    [
      "a spreadsheet with macros as an archive",
      zipOf({ "xl/workbook.xml": "x", "xl/vbaProject.bin": "x" }),
      "application/zip",
      "macro_document",
    ],
    [
      "an archive that says it unpacks to two gigabytes",
      zipOf({ "a.txt": "x" }, 2 ** 31),
      "application/zip",
      "archive_bomb",
    ],
    [
      "an archive that says it unpacks to more than it can say",
      zipOf({ "a.txt": "x" }, 0xffffffff),
      "application/zip",
      "archive_bomb",
    ],
  ] as const)("is quarantined, and nobody reads it: %s", async (_, bytes, contentType, reason) => {
    const as = await makePerson();
    const { id, document } = await upload(as, bytes, { contentType });
    expect(document).toMatchObject({ status: "quarantined", quarantine_reason: reason, content_type: contentType });
    const { status, body } = await call(`${s3Path}/documents/${id}/download`, { method: "POST", as });
    expect([status, body.code, body.reason]).toEqual([423, "document_quarantined", reason]);
  });

  it.each([
    ["an SVG", svg, "image/svg+xml"],
    ["a page", page, "text/html"],
  ])("is read as a download that runs nothing, where it may be what it claims: %s", async (_, bytes, contentType) => {
    const as = await makePerson();
    const { id } = await upload(as, bytes, { contentType });
    const { body } = await call(`${s3Path}/documents/${id}/download`, { method: "POST", as });
    const { answer } = await read(body.url);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment;/);
    expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it.each([
    "text/html\r\nX: y",
    "text",
    "text/",
    "/pdf",
    "a/b/c",
    "text/html; charset",
    `text/${"x".repeat(255)}`,
    "ü/pdf",
  ])("cannot even claim %j", async (contentType) => {
    const { status, body } = await begin(await makePerson(), 10, { contentType });
    expect([status, body.errors?.[0]?.path]).toEqual([422, "content_type"]);
  });
});

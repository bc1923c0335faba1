import { fileTypeFromBuffer } from "file-type";
import { describe, expect, it } from "vitest";
import { judgeContent } from "../../../src/features/documents/domain/content.ts";
import { listZip } from "../../../src/features/documents/domain/zip.ts";
import { documentXml, zipOf } from "../../support/documents/zip.ts";

const text = (value: string) => new TextEncoder().encode(value);
const hex = (value: string) => Uint8Array.from(value.match(/../g)!.map((byte) => Number.parseInt(byte, 16)));
const utf16 = (value: string) => Uint8Array.from([...value].flatMap((letter) => [letter.charCodeAt(0), 0]));
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

async function judge(bytes: Uint8Array, declaredType: string) {
  const sniffedType = (await fileTypeFromBuffer(bytes))?.mime;
  return judgeContent({ declaredType, sniffedType, head: bytes, tail: bytes, size: bytes.length });
}

const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const pdf = text("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n");
const png = hex("89504e470d0a1a0a0000000d4948445200000001000000010806000000");
const exe = join(text("MZ"), new Uint8Array(200));
const noise = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7_919 + 13) % 251);
const docx = zipOf({ "[Content_Types].xml": documentXml("document.main"), "word/document.xml": "<w/>" });
const compound = hex("d0cf11e0a1b11ae1");

describe("content that fits its claim", () => {
  it.each([
    ["a PDF", pdf, "application/pdf", "application/pdf"],
    ["a PDF by its older name", pdf, "application/x-pdf", "application/pdf"],
    ["a PNG", png, "image/png", "image/png"],
    ["a Word document", docx, word, word],
    ["a Word document claimed as an archive", docx, "application/zip", word],
    ["text", text("name;pay\nRobin;1\n"), "text/csv; charset=utf-8", "text/csv"],
    ["text of one byte a letter", Uint8Array.from([0xdc, 0x62, 0x65, 0x72, 0x0a]), "text/plain", "text/plain"],
    ["text in UTF-16", join(hex("fffe"), utf16("Über")), "text/csv", "text/csv"],
    ["JSON", text('{"a":1}'), "application/json", "application/json"],
    ["bytes of no known format, claimed as nothing", noise, "application/octet-stream", "application/octet-stream"],
    ["a PDF claimed as nothing", pdf, "application/octet-stream", "application/pdf"],
    ["an old Word document", join(compound, new Uint8Array(600)), "application/msword", "application/x-cfb"],
    ["an archive", zipOf({ "a.txt": "a" }), "application/zip", "application/zip"],
  ])("passes: %s", async (_, bytes, declared, detectedType) => {
    expect(await judge(bytes, declared)).toEqual({ detectedType, fault: undefined });
  });
});

describe("content that is quarantined", () => {
  const eicar = text("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
  const macro = zipOf({
    "[Content_Types].xml": documentXml("document.main"),
    "word/document.xml": "<w/>",
    "word/vbaProject.bin": "x",
  });
  const macroTyped = zipOf({
    "[Content_Types].xml": documentXml("document.macroEnabled.main", "application/vnd.ms-word."),
    "word/document.xml": "<w/>",
  });
  it.each([
    ["a program as a PDF", exe, "application/pdf", "executable"],
    ["a program as itself", exe, "application/x-msdownload", "executable"],
    ["a program as nothing", exe, "application/octet-stream", "executable"],
    ["an ELF program", join(hex("7f454c4602010100"), new Uint8Array(100)), "application/octet-stream", "executable"],
    ["a script", text("#!/bin/sh\nrm -rf /\n"), "text/plain", "executable"],
    ["the test virus", eicar, "text/plain", "malware_signature"],
    ["the test virus after some blanks", join(text("   "), eicar), "text/plain", "malware_signature"],
    ["a PNG as a PDF", png, "application/pdf", "type_mismatch"],
    ["a PDF as a PNG", pdf, "image/png", "type_mismatch"],
    ["noise as a PDF", noise, "application/pdf", "type_mismatch"],
    ["text as a PDF", text("hello"), "application/pdf", "type_mismatch"],
    ["a PDF as text", pdf, "text/plain", "type_mismatch"],
    ["noise as text", noise, "text/plain", "type_mismatch"],
    ["an archive as a Word document", zipOf({ "a.txt": "a" }), word, "type_mismatch"],
    ["a Word document with macros", macro, word, "macro_document"],
    ["a Word document with macros, claimed as an archive", macro, "application/zip", "macro_document"],
    ["a Word document that says it has macros", macroTyped, word, "macro_document"],
    [
      "an old Excel sheet with macros",
      join(compound, new Uint8Array(600), utf16("_VBA_PROJECT_CUR")),
      "application/vnd.ms-excel",
      "macro_document",
    ],
    [
      "an OpenDocument text with macros",
      zipOf({ "content.xml": "<x/>", "Basic/Standard/Module1.xml": "<x/>" }),
      "application/vnd.oasis.opendocument.text",
      "macro_document",
    ],
    ["a database", text("SQLite format 3\0" + " ".repeat(100)), "application/octet-stream", "type_not_allowed"],
    ["an archive that unpacks to a gigabyte", zipOf({ "a.txt": "a" }, 1024 ** 3), "application/zip", "archive_bomb"],
  ])("%s", async (_, bytes, declared, fault) => {
    expect(await judge(bytes, declared)).toMatchObject({ fault });
  });
});

describe("an archive's directory", () => {
  it("is read from the tail alone", () => {
    const bytes = zipOf({ "a.txt": "a".repeat(5_000), "b/ü.txt": "b" });
    const listing = listZip(bytes.subarray(bytes.length - 300), bytes.length);
    expect(listing).toEqual({ names: ["a.txt", "b/ü.txt"], packedBytes: 5_001, unpackedBytes: 5_001 });
    expect(listZip(bytes.subarray(bytes.length - 60), bytes.length)).toBeUndefined();
  });

  it("that lies is no fault of ours: every cut and every flipped byte gives an answer", () => {
    const bytes = zipOf({ "a.txt": "a", "b.txt": "b" });
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = bytes.slice();
      flipped[at]! ^= 0xff;
      expect(() => listZip(flipped, flipped.length)).not.toThrow();
      expect(() => listZip(bytes.subarray(at), bytes.length)).not.toThrow();
      expect(() => listZip(bytes.subarray(0, at), at)).not.toThrow();
    }
  });
});

import { fileTypeFromBuffer } from "file-type";
import { describe, expect, it } from "vitest";
import { judgeContent } from "../../../src/features/documents/domain/content.ts";
import { findZipDirectory, listZip } from "../../../src/features/documents/domain/zip.ts";
import { documentXml, zipOf } from "../../support/documents/zip.ts";

const text = (value: string) => new TextEncoder().encode(value);
const hex = (value: string) => Uint8Array.from(value.match(/../g)!.map((byte) => Number.parseInt(byte, 16)));
const utf16 = (value: string) => Uint8Array.from([...value].flatMap((letter) => [letter.charCodeAt(0), 0]));
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const u64 = (value: number) => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
const directoryOf = (bytes: Uint8Array, tail = bytes) => {
  const place = findZipDirectory(tail, bytes.length);
  return place && { ...place, bytes: bytes.subarray(place.offset, place.offset + place.size) };
};
const listing = (bytes: Uint8Array, tail = bytes) => {
  const directory = directoryOf(bytes, tail);
  return directory && listZip(directory.bytes);
};
/** Writes over what stands `at` bytes before or after the beginning of the record at the archive's end. */
function withEnd(bytes: Uint8Array, changes: Readonly<Record<number, Uint8Array>>, after = new Uint8Array()) {
  const changed = join(bytes, after);
  for (const [at, value] of Object.entries(changes)) changed.set(value, bytes.length - 22 + Number(at));
  return changed;
}
/** The same archive as ZIP64 writes it: where the directory is stands in a record of its own. */
function zip64Of(entries: Record<string, string>, lie: { offset?: number; told?: Uint8Array } = {}) {
  const plain = zipOf(entries);
  const view = new DataView(plain.buffer);
  const [end, size, offset] = [
    plain.length - 22,
    view.getUint32(plain.length - 10, true),
    view.getUint32(plain.length - 6, true),
  ];
  const record = join(hex("504b0606"), u64(44), new Uint8Array(28), u64(size), u64(lie.offset ?? offset));
  const locator = join(hex("504b0607"), new Uint8Array(4), u64(end), hex("01000000"));
  const told = lie.told ?? hex("ffffffffffffffff");
  return withEnd(join(plain.slice(0, end), record, locator, plain.slice(end)), { 12: told });
}

async function judge(bytes: Uint8Array, declaredType: string) {
  const sniffedType = (await fileTypeFromBuffer(bytes))?.mime;
  return judgeContent({ declaredType, sniffedType, head: bytes, tail: bytes, directory: directoryOf(bytes) });
}

const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const pdf = text("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n");
const png = hex("89504e470d0a1a0a0000000d4948445200000001000000010806000000");
const exe = join(text("MZ"), new Uint8Array(200));
const noise = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7_919 + 13) % 251);
const docx = zipOf({ "[Content_Types].xml": documentXml("document.main"), "word/document.xml": "<w/>" });
const compound = hex("d0cf11e0a1b11ae1");
/** The root of such a file names the class of what it is. */
const classOf = (id: string) => join(compound, new Uint8Array(600), hex(id), new Uint8Array(600));
const installer = (kind: string) => classOf(`${kind}100c0000000000c000000000000046`);

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
    [
      "an old Word document with its class",
      classOf("0609020000000000c000000000000046"),
      "application/msword",
      "application/x-cfb",
    ],
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
    ["a Windows Installer package as a Word document", installer("84"), "application/msword", "executable"],
    ["a Windows Installer patch as nothing", installer("86"), "application/octet-stream", "executable"],
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

describe("an archive that a program runs", () => {
  const jar = { "META-INF/MANIFEST.MF": "Main-Class: A\n", "A.class": "x" };
  const begins = { "[Content_Types].xml": documentXml("document.main"), "word/document.xml": "<w/>" };
  /** The same archive as its directory counts it when something stands before it. */
  const behind = (bytes: Uint8Array, archive: Uint8Array) => {
    const offset = new DataView(archive.buffer).getUint32(archive.length - 6, true) + bytes.length;
    return join(bytes, withEnd(archive, { 16: new Uint8Array(Uint32Array.of(offset).buffer) }));
  };
  /** The same archive, with a comment on its last entry that looks like ZIP64's word where its record is. */
  const disguised = (entries: Record<string, string>) => {
    const plain = zipOf(entries);
    const last = plain.length - 22 - 46 - Object.keys(entries).at(-1)!.length;
    plain[last + 32] = 20;
    const view = new DataView(plain.buffer);
    view.setUint32(plain.length - 10, view.getUint32(plain.length - 10, true) + 20, true);
    return join(plain.slice(0, -22), hex("504b0607"), new Uint8Array(16), plain.slice(-22));
  };

  it.each([
    ["by Java, though it begins as a Word document", zipOf({ ...begins, ...jar }), word],
    ["by Java, which takes its name in any case", zipOf({ ...begins, "meta-inf/manifest.mf": "" }), word],
    ["by Android, though it begins as a Word document", zipOf({ ...begins, "classes2.dex": "x" }), word],
    ["by Java, behind a picture", join(png, zipOf(jar)), "image/png"],
    ["by Java, behind a picture that its directory counts in", behind(png, zipOf(jar)), "image/png"],
    ["by Java, behind an old Word document", join(compound, new Uint8Array(600), zipOf(jar)), "application/msword"],
    ["by Java, behind a page", join(pdf, zipOf(jar)), "application/pdf"],
    ["by Java, behind bytes of no known format", join(noise, zipOf(jar)), "application/octet-stream"],
    ["by Java, behind a picture, with what only looks like ZIP64's", join(png, disguised(jar)), "image/png"],
  ])("%s, is a program", async (_, bytes, claimed) => {
    expect(await judge(bytes, claimed)).toMatchObject({ fault: "executable" });
  });

  it("is none without the names that it is run by, nor when they stand in a folder", async () => {
    const fine = { "a/META-INF/MANIFEST.MF": "x", "META-INF/container.xml": "x" };
    expect(await judge(zipOf(fine), "application/zip")).toMatchObject({ fault: undefined });
    expect(await judge(join(png, zipOf({ "a.txt": "a" })), "image/png")).toMatchObject({ fault: undefined });
    const end = join(hex("504b0506"), new Uint8Array(18));
    expect(await judge(join(png, end), "image/png")).toMatchObject({ fault: undefined });
  });
});

describe("an archive's directory", () => {
  it("is read from the tail alone", () => {
    const bytes = zipOf({ "a.txt": "a".repeat(5_000), "b/ü.txt": "b" });
    const read = { names: ["a.txt", "b/ü.txt"], packedBytes: 5_001, unpackedBytes: 5_001 };
    expect(listing(bytes, bytes.subarray(bytes.length - 300))).toEqual(read);
    expect(listing(bytes, bytes.subarray(bytes.length - 22))).toEqual(read);
    expect(listing(bytes, bytes.subarray(bytes.length - 21))).toBeUndefined();
  });

  it("is found before a comment, and where ZIP64 says", () => {
    const entries = { "a.txt": "a", "word/vbaProject.bin": "b" };
    const comment = join(text("see "), hex("504b0506"), new Uint8Array(30));
    const length = Uint8Array.of(comment.length, 0);
    for (const bytes of [zipOf(entries), withEnd(zipOf(entries), { 20: length }, comment), zip64Of(entries)])
      expect(listing(bytes)?.names).toEqual(Object.keys(entries));
  });

  it("tells sizes that ZIP64 keeps elsewhere: a large file is no bomb", () => {
    const entry = (extra: Uint8Array) =>
      join(
        hex("504b0102"),
        new Uint8Array(16),
        hex("ffffffffffffffff"),
        Uint8Array.of(1, 0, extra.length, 0),
        new Uint8Array(14),
        text("a"),
        extra,
      );
    const sizes = join(hex("01001000"), u64(5 * 1024 ** 3), u64(4 * 1024 ** 3));
    expect(listZip(entry(sizes))).toMatchObject({ unpackedBytes: 5 * 1024 ** 3, packedBytes: 4 * 1024 ** 3 });
    expect(listZip(entry(new Uint8Array()))).toMatchObject({ unpackedBytes: 0xffffffff, packedBytes: 0 });
  });

  const macro = { "word/document.xml": "<w/>", "word/vbaProject.bin": "x" };
  const end = hex("504b0506");
  it.each([
    ["that is not there", zipOf(macro).subarray(0, -22)],
    ["cut in its middle", join(zipOf(macro).subarray(0, -40), zipOf(macro).subarray(-22))],
    ["that says it is elsewhere", withEnd(zipOf(macro), { 16: hex("ffffffff") })],
    ["of which ZIP64 says another place", zip64Of(macro, { offset: 0 })],
    ["of which ZIP64 and the older record differ", zip64Of(macro, { told: hex("0100000000000000") })],
    ["that leaves room before its end", withEnd(zipOf(macro), { 12: hex("01000000") })],
    ["after which something follows", join(zipOf(macro), text("x"))],
    ["before one that some programs see, and others do not", join(zipOf({ "a.txt": "a" }), zipOf(macro))],
    ["whose end is in a comment that is none", join(zipOf(macro), end, new Uint8Array(17), text("x"))],
    ["of an archive in one part that says it has several", join(hex("504b0708"), zipOf(macro))],
  ])("%s is not passed over: the archive is quarantined", async (_, bytes) => {
    for (const claimed of ["application/zip", word, "application/octet-stream"])
      expect(await judge(bytes, claimed)).toMatchObject({ fault: "archive_unreadable" });
    expect(await judge(zip64Of(macro), word)).toMatchObject({ fault: "macro_document" });
  });

  it("that lies is no fault of ours: every cut and every flipped byte gives an answer", () => {
    for (const bytes of [zipOf({ "a.txt": "a", "b.txt": "b" }), zip64Of({ "a.txt": "a" })])
      for (let at = 0; at < bytes.length; at += 1) {
        const flipped = bytes.slice();
        flipped[at]! ^= 0xff;
        expect(() => listing(flipped)).not.toThrow();
        expect(() => listing(bytes, bytes.subarray(at))).not.toThrow();
        expect(() => listing(bytes.subarray(0, at))).not.toThrow();
      }
  });
});

import { describe, expect, it } from "vitest";
import {
  readErrorCode,
  readObjects,
  readParts,
  readRefusedKeys,
  readText,
  readUploads,
  writeCompletion,
  writeDeletion,
} from "../../../src/platform/s3/answers.ts";
import { childrenOf, childText, parseXml } from "../../../src/platform/s3/xml.ts";

const listing = (inner: string): ReturnType<typeof parseXml> =>
  parseXml(`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`);
const contents =
  "<Contents><Key>a</Key><Size>7</Size><ETag>e</ETag><LastModified>2026-11-22T10:00:00.000Z</LastModified></Contents>";
const part = "<Part><PartNumber>3</PartNumber><Size>7</Size><ETag>&quot;e&quot;</ETag></Part>";
const upload = "<Upload><Key>a</Key><UploadId>u</UploadId><Initiated>2026-11-22T10:00:00.000Z</Initiated></Upload>";

describe("an error document", () => {
  it.each([
    ["<Error><Code>SlowDown</Code><Message>m</Message></Error>", "SlowDown"],
    ["<Error><Code>no code at all</Code></Error>", "Unreadable"],
    ["<Error/>", "Unreadable"],
    ["<Other><Code>SlowDown</Code></Other>", undefined],
    ["not XML", undefined],
  ])("%s has the code %s", (text, code) => {
    expect(readErrorCode(parseXml(text))).toBe(code);
  });
});

describe("a page", () => {
  it("of objects is read, and whether it is the last", () => {
    const item = { key: "a", size: 7, etag: "e", modifiedAt: new Date("2026-11-22T10:00:00Z") };
    expect(readObjects(listing(`<IsTruncated>false</IsTruncated>${contents}`))).toEqual({ items: [item], more: false });
    const more = "<IsTruncated>true</IsTruncated>";
    expect(readObjects(listing(contents + more))).toEqual({ items: [item], more: true });
  });

  it("of parts and of uploads as well", () => {
    const parts = `<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>3</NextPartNumberMarker>${part}</ListPartsResult>`;
    expect(readParts(parseXml(parts))).toEqual({ parts: [{ partNumber: 3, size: 7, etag: '"e"' }], next: "3" });
    const uploads = `<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>${upload}</ListMultipartUploadsResult>`;
    expect(readUploads(parseXml(uploads))).toEqual({
      items: [{ key: "a", uploadId: "u", startedAt: new Date("2026-11-22T10:00:00Z") }],
      more: true,
    });
  });

  it.each([
    ["of another document", parseXml(`<ListPartsResult>${part}</ListPartsResult>`)],
    ["that is not the last, and after which nothing can go on", listing("<IsTruncated>true</IsTruncated>")],
    ["that is truncated in its own way", listing(`<IsTruncated>maybe</IsTruncated>${contents}`)],
    ["with an object without a size", listing(contents.replace("<Size>7</Size>", ""))],
    ["with a size below zero", listing(contents.replace(">7<", ">-7<"))],
    ["with a size beyond all numbers", listing(contents.replace(">7<", ">99999999999999999<"))],
    ["with a date that is none", listing(contents.replace("2026-11", "yesterday"))],
    ["that is not XML", undefined],
  ])("%s is not read", (_what, root) => {
    expect(readObjects(root)).toBeUndefined();
  });
});

describe("a text of a document", () => {
  it("is there, or undefined when it is empty, absent or of another document", () => {
    const root = parseXml("<R><Id>u</Id><Empty/></R>");
    expect(readText(root, "R", "Id")).toBe("u");
    for (const [document, name] of [
      ["R", "Empty"],
      ["R", "Absent"],
      ["Q", "Id"],
    ] as const)
      expect(readText(root, document, name)).toBeUndefined();
  });
});

it("writes a completion that reads back, whatever the tags", () => {
  const tags = ['"plain"', "a<b>&c", "]]>", "&amp;"].map((etag, index) => ({ partNumber: index + 1, etag }));
  const root = parseXml(writeCompletion(tags));
  const read = childrenOf(root!, "Part").map((element) => ({
    partNumber: Number(childText(element, "PartNumber")),
    etag: childText(element, "ETag"),
  }));
  expect(read).toEqual(tags);
});

describe("a deletion of many", () => {
  it("names its keys, and hears of those that were refused alone", () => {
    expect(childrenOf(parseXml(writeDeletion(["a/b", "c&d"]))!, "Object").map((one) => childText(one, "Key"))).toEqual([
      "a/b",
      "c&d",
    ]);
    const refused = (inner: string) => readRefusedKeys(parseXml(`<DeleteResult>${inner}</DeleteResult>`));
    const error = (key: string, code: string) => `<Error><Key>${key}</Key><Code>${code}</Code></Error>`;
    expect(refused("")).toEqual(new Map());
    expect(refused(`<Deleted><Key>a</Key></Deleted>${error("b", "NoSuchKey")}`)).toEqual(new Map());
    expect(refused(error("a", "InternalError") + error("b", "vendor's words"))).toEqual(
      new Map([
        ["a", "InternalError"],
        ["b", "Unreadable"],
      ]),
    );
    expect(refused("<Error><Code>InternalError</Code></Error>")).toBeUndefined();
    expect(readRefusedKeys(listing(""))).toBeUndefined();
    expect(readRefusedKeys(undefined)).toBeUndefined();
  });
});

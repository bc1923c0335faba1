import { describe, expect, it } from "vitest";
import {
  contentDisposition,
  folderLine,
  nameFault,
  nameOf,
  parseFolderPath,
  prefixBelow,
  type FolderPath,
} from "../../../src/features/documents/domain/names.ts";

describe("file names", () => {
  it.each([
    "a..b.pdf",
    "...",
    "Übergrößenträger & Söhne \"GmbH\" 'x'.pdf",
    "%2e%2e%2fetc%2fpasswd",
    " leading and trailing ",
    "con.txt",
    "👩‍👩‍👧‍👦.png",
    "‮fdp.exe",
    "'; DROP TABLE documents; --",
    "a".repeat(255),
    "__proto__",
    "100%_done.csv",
  ])("takes %j as it is", (name) => expect(nameFault(name)).toBeUndefined());

  it.each([
    "",
    " ",
    "\t",
    ".",
    "..",
    "a\0.pdf",
    "a\r\nContent-Type: text/html",
    "a\nb",
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "C:\\a",
    "a/b",
    "a\u{7f}",
    "\u{d800}.pdf",
    "a".repeat(256),
    "ü".repeat(128),
  ])("refuses %j", (name) => expect(nameFault(name)).toMatch(/^must /));
});

describe("folder paths", () => {
  it.each([
    ["/", "/"],
    ["/hr", "/hr"],
    ["hr", "/hr"],
    ["/hr/", "/hr"],
    ["hr/contracts/2026", "/hr/contracts/2026"],
    ["/100%_/a..b", "/100%_/a..b"],
    [`/${"a/".repeat(15)}a`, `/${"a/".repeat(15)}a`],
  ])("takes %j for %s", (given, path) => expect(parseFolderPath(given)).toEqual({ path }));

  it.each([
    "",
    "//",
    "/hr//x",
    "/hr/../x",
    "..",
    "/./x",
    "/hr\\x",
    "/hr/\0",
    "/hr/ /x",
    `/${"a".repeat(256)}`,
    `/${"a/".repeat(16)}a`,
    `/${Array.from({ length: 5 }, () => "ü".repeat(120)).join("/")}`,
  ])("refuses %j", (given) => expect(parseFolderPath(given)).toHaveProperty("fault"));

  it("know what is above and below them", () => {
    const path = "/hr/contracts/2026" as FolderPath;
    expect(folderLine(path)).toEqual(["/hr", "/hr/contracts", "/hr/contracts/2026"]);
    expect(folderLine("/" as FolderPath)).toEqual([]);
    expect([nameOf(path), nameOf("/hr" as FolderPath)]).toEqual(["2026", "hr"]);
    expect("/hrx/a".startsWith(prefixBelow("/hr" as FolderPath))).toBe(false);
    expect("/hr/a".startsWith(prefixBelow("/hr" as FolderPath))).toBe(true);
  });
});

describe("a download's name", () => {
  it("is RFC 8187, and before it the name for simple clients, in which no quote or percent can break out", () => {
    expect(contentDisposition(`Über "uns" & 100%\\.pdf`)).toBe(
      `attachment; filename="Über _uns_ & 100__.pdf"; filename*=UTF-8''%C3%9Cber%20%22uns%22%20%26%20100%25%5C.pdf`,
    );
    expect(contentDisposition("a'b(c)*!.txt")).toContain("filename*=UTF-8''a%27b%28c%29%2A%21.txt");
  });

  it("comes back to the letter, and is a header value, whatever the name", () => {
    for (const name of ["a..b.pdf", "👩‍👩‍👧‍👦.png", "‮fdp.exe", "tom & jerry;=,.txt", "ÿ'\"%41"]) {
      const value = contentDisposition(name);
      expect(decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(value)![1]!)).toBe(name);
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(value).not.toMatch(/[\u0000-\u001f\u007f]/);
      expect(/filename="([^"\\]*)";/.exec(value)).not.toBeNull();
    }
  });
});

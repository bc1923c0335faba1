import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeXml, parseXml, type XmlElement } from "../../../src/platform/s3/xml.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const runs = { seed, numRuns: 300, verbose: 1 } as const;

const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,12}$/);
/** Any text that XML can hold. */
const text = fc
  .string({ unit: "binary", maxLength: 20 })
  // oxlint-disable-next-line no-control-regex -- these are the characters that XML has not
  .map((raw) => raw.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff]/g, "?"));

/** Elements as S3 writes them: text or children, four deep. */
const { element } = fc.letrec<{ element: XmlElement }>((tie) => ({
  element: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.record({ name, text, children: fc.constant([]) }),
    fc.record({ name, text: fc.constant(""), children: fc.array(tie("element"), { minLength: 1, maxLength: 4 }) }),
  ),
}));

const write = ({ name: tag, text: inner, children }: XmlElement): string =>
  `<${tag}>${escapeXml(inner)}${children.map(write).join("")}</${tag}>`;

describe(`reading XML (seed ${seed})`, () => {
  it("gives back what was written, with or without declaration, attributes and white space around", () => {
    const heads = fc.constantFrom("", '<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0'?>\n");
    fc.assert(
      fc.property(element, heads, fc.constantFrom("", "\n"), (root, head, tail) => {
        expect(parseXml(head + write(root) + tail)).toEqual(root);
        const first = new RegExp(`^<${root.name.replaceAll(".", "\\.")}>`);
        const spaced = write(root).replace(first, `<${root.name} xmlns="http://example.com/" a='1' >`);
        expect(parseXml(spaced)).toEqual(root);
      }),
      runs,
    );
  });

  it("reads nothing of a document that was cut off anywhere", () => {
    fc.assert(
      fc.property(element, fc.double({ min: 0, max: 0.999, noNaN: true }), (root, share) => {
        const whole = write(root);
        expect(parseXml(whole.slice(0, Math.floor(whole.length * share)))).toBeUndefined();
      }),
      runs,
    );
  });

  it("never throws, whatever comes, and what it reads is a tree of texts", () => {
    const pieces = fc.constantFrom(
      "<",
      ">",
      "/",
      "a",
      "b",
      "&",
      "&lt;",
      "&#65;",
      "&#0;",
      "</a>",
      "<a>",
      "<a/>",
      "<!",
      "<?",
      "]]>",
      '"',
      "=",
      " ",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const root = parseXml(parts.join(""));
        if (root)
          expect([typeof root.name, typeof root.text, Array.isArray(root.children)]).toEqual([
            "string",
            "string",
            true,
          ]);
      }),
      { ...runs, numRuns: 3_000 },
    );
  });
});

describe("what S3 never sends is not read", () => {
  it.each([
    ["nothing", ""],
    ["text alone", "hello"],
    ["HTML of a proxy", "<!DOCTYPE html><html><body>502</body></html>"],
    ["a DTD", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ["an entity of its own", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ["the billion laughs", '<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "&b;&b;">]><a>&b;</a>'],
    ["an unknown entity", "<a>&nbsp;</a>"],
    ["an ampersand alone", "<a>R&D</a>"],
    ["a reference without end", "<a>&#65</a>"],
    ["a reference to no character", "<a>&#0;</a>"],
    ["a reference to half a character", "<a>&#xD800;</a>"],
    ["a reference beyond Unicode", "<a>&#x110000;</a>"],
    ["a comment", "<a><!-- --></a>"],
    ["CDATA", "<a><![CDATA[x]]></a>"],
    ["an instruction", "<a><?php ?></a>"],
    ["two roots", "<a/><b/>"],
    ["text after the root", "<a/>x"],
    ["an end without a beginning", "</a>"],
    ["ends in the wrong order", "<a><b></a></b>"],
    ["an attribute without quotes", "<a b=c/>"],
    ["a tag of great length", `<a b="${"x".repeat(2_000)}"/>`],
    ["great depth", "<a>".repeat(9) + "</a>".repeat(9)],
    ["a great many elements", `<a>${"<b/>".repeat(60_000)}</a>`],
  ])("%s", (_what, source) => {
    expect(parseXml(source)).toBeUndefined();
  });

  it("takes time in proportion to what it is given, whatever that is", () => {
    // Each of these would take minutes if a step looked at the rest again.
    for (const piece of ["<", "<a ", "&", "&#", "<a ".repeat(3) + "=", " ", "<a>&lt;", "</", "<a b='"])
      expect(parseXml(`<a>${piece.repeat(1_000_000 / piece.length)}`)).toBeUndefined();
  });
});

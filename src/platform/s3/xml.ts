/** An element of an S3 answer. `text` is what stands directly in it; attributes are of no use to us and not kept. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** S3 nests five deep at most. */
const depthLimit = 8;
/** A page of 1,000 objects has about 8,000. */
const elementLimit = 20_000;
/** A start tag with its namespaces; the longest one seen has 200 characters. */
const tagLengthLimit = 1_000;

const startTag = /^([A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<&]*"|'[^'<&]*'))*)\s*(\/?)$/;
const endTag = /^\/([A-Za-z_][\w.:-]*)\s*$/;
const declaration = /^<\?xml(?:\s[^<>?]{0,200})?\?>/;
const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: OpenElement[];
}

/**
 * Reads the XML that S3 servers write: elements, text, the five entities and character references. Undefined for anything
 * else, which includes what is not well-formed or was cut off, and all of DTDs, comments, CDATA and instructions: where
 * none is expected none is read. Time and memory grow with the length of the text.
 */
export function parseXml(source: string): XmlElement | undefined {
  const root: OpenElement = { name: "", text: "", children: [] };
  const open: OpenElement[] = [root];
  let elements = 0;
  let at = declaration.exec(source)?.[0].length ?? 0;
  while (at < source.length) {
    const tagAt = source.indexOf("<", at);
    const text = decodeText(source.slice(at, tagAt === -1 ? source.length : tagAt));
    const parent = open.at(-1);
    if (text === undefined || parent === undefined) return undefined;
    parent.text += text;
    if (tagAt === -1) break;
    const end = source.indexOf(">", tagAt);
    if (end === -1 || end - tagAt > tagLengthLimit || (elements += 1) > 2 * elementLimit) return undefined;
    const tag = source.slice(tagAt + 1, end);
    at = end + 1;
    const closes = endTag.exec(tag)?.[1];
    if (closes !== undefined) {
      if (open.length === 1 || closes !== parent.name) return undefined;
      open.pop();
      continue;
    }
    const [, name, , selfClosing] = startTag.exec(tag) ?? [];
    if (name === undefined || open.length > depthLimit) return undefined;
    const element: OpenElement = { name, text: "", children: [] };
    parent.children.push(element);
    if (selfClosing === "") open.push(element);
  }
  const isWhole = open.length === 1 && root.children.length === 1 && root.text.trim() === "";
  return isWhole ? root.children[0] : undefined;
}

const reference = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([\dA-Fa-f]{1,6}));/g;
const strayAmpersand = /&(?!(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[\dA-Fa-f]{1,6});)/;

/** Undefined when there is an ampersand that begins nothing known, or a reference to no character of XML. */
function decodeText(raw: string): string | undefined {
  if (!raw.includes("&")) return raw;
  if (strayAmpersand.test(raw)) return undefined;
  let isSound = true;
  const text = raw.replace(reference, (_all, name: string | undefined, decimal?: string, hex?: string) => {
    if (name !== undefined) return entities[name] ?? "";
    const point = decimal === undefined ? Number.parseInt(hex ?? "0", 16) : Number(decimal);
    if (isCharacter(point)) return String.fromCodePoint(point);
    isSound = false;
    return "";
  });
  return isSound ? text : undefined;
}

const isCharacter = (point: number): boolean =>
  point === 9 ||
  point === 10 ||
  point === 13 ||
  (point >= 32 && point < 0xd8_00) ||
  (point >= 0xe0_00 && point <= 0x10_ff_ff);

/** The text of the first child of that name; "" when it is empty, undefined when there is none. */
export const childText = (element: XmlElement, name: string): string | undefined =>
  element.children.find((child) => child.name === name)?.text;

export const childrenOf = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child) => child.name === name);

/** Text as it may stand between tags. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

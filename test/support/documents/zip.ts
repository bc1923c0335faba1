const u16 = (value: number): number[] => [value & 255, (value >> 8) & 255];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];

/** A ZIP archive, stored without packing. `claimedBytes` is the size its directory says each entry unpacks to. */
export function zipOf(entries: Readonly<Record<string, string>>, claimedBytes?: number): Uint8Array<ArrayBuffer> {
  const body: number[] = [];
  const directory: number[] = [];
  for (const [name, content] of Object.entries(entries)) {
    const [nameBytes, bytes] = [name, content].map((part) => [...new TextEncoder().encode(part)]) as [
      number[],
      number[],
    ];
    const common = [...u16(0), ...u16(0), ...u16(0), ...u16(0), ...u32(crc32(bytes)), ...u32(bytes.length)];
    const offset = body.length;
    body.push(...u32(0x04034b50), ...u16(20), ...common, ...u32(bytes.length), ...u16(nameBytes.length), ...u16(0));
    body.push(...nameBytes, ...bytes);
    directory.push(...u32(0x02014b50), ...u16(20), ...u16(20), ...common, ...u32(claimedBytes ?? bytes.length));
    directory.push(
      ...u16(nameBytes.length),
      ...u16(0),
      ...u16(0),
      ...u16(0),
      ...u16(0),
      ...u32(0),
      ...u32(offset),
      ...nameBytes,
    );
  }
  const count = Object.keys(entries).length;
  const end = [
    ...u32(0x06054b50),
    ...u16(0),
    ...u16(0),
    ...u16(count),
    ...u16(count),
    ...u32(directory.length),
    ...u32(body.length),
    ...u16(0),
  ];
  return Uint8Array.from([...body, ...directory, ...end]);
}

/** The list of content types that an Office document begins with. */
export const documentXml = (kind: string, prefix = "application/vnd.openxmlformats-officedocument.wordprocessingml.") =>
  `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="${prefix}${kind}+xml"/></Types>`;

function crc32(bytes: readonly number[]): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

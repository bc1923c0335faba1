/** Counters are mostly 0: they are stored as (zeros before, count) pairs of variable-length integers, 7 bits a byte. */

/** 2³⁵: five bytes, more than any length here needs. */
const MAX_SCALE = 34_359_738_368;

/** The bytes `packCounts` needs. */
export function packedLength(counts: Uint16Array): number {
  let length = 0;
  let zeros = 0;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index]!;
    if (count === 0) {
      zeros++;
    } else {
      length += integerLength(zeros) + integerLength(count);
      zeros = 0;
    }
  }
  return length;
}

/** Writes the counters from `at` on and returns where it ended. */
export function packCounts(counts: Uint16Array, bytes: Uint8Array, at: number): number {
  let end = at;
  let zeros = 0;
  const write = (value: number) => {
    let rest = value;
    for (; rest >= 128; rest >>>= 7) bytes[end++] = (rest & 127) | 128;
    bytes[end++] = rest;
  };
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index]!;
    if (count === 0) {
      zeros++;
    } else {
      write(zeros);
      write(count);
      zeros = 0;
    }
  }
  return end;
}

/**
 * Reads counters from bytes `at` … `end` − 1 into `counts`, which must be all 0.
 *
 * @returns whether the bytes were a packing of so many counters
 */
export function unpackCounts(bytes: Uint8Array, at: number, end: number, counts: Uint16Array): boolean {
  let next = at;
  const read = () => {
    let value = 0;
    let scale = 1;
    while (next < end && scale <= MAX_SCALE) {
      const byte = bytes[next++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    return NaN;
  };
  for (let index = 0; next < end; index++) {
    index += read();
    const count = read();
    if (!(index < counts.length && count >= 1 && count <= 65_535)) return false;
    counts[index] = count;
  }
  return true;
}

function integerLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest >>>= 7) length++;
  return length;
}

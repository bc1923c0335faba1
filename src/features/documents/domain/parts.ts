const mebibyte = 1024 * 1024;
const tebibyte = 1024 ** 4;

/** Up to here one PUT: the size from which S3 clients use parts, and small enough to be held in memory whole. */
export const singleMaxBytes = 8 * mebibyte;
/** S3's own bound. */
export const maxParts = 10_000;
/** S3's own bound, of every part but the last. */
export const minPartBytes = 5 * mebibyte;
/** S3's own bound. */
export const maxDocumentBytes = 5 * tebibyte;

export interface UploadPlan {
  readonly strategy: "SINGLE" | "MULTIPART";
  readonly size: number;
  /** Bytes of every part but the last. */
  readonly partSize: number;
  readonly partCount: number;
}

/** @param size bytes, 1 … `maxDocumentBytes` */
export function planUpload(size: number): UploadPlan {
  if (size <= singleMaxBytes) return { strategy: "SINGLE", size, partSize: size, partCount: 1 };
  const smallest = Math.ceil(Math.ceil(size / maxParts) / mebibyte) * mebibyte;
  const partSize = Math.max(singleMaxBytes, smallest);
  return { strategy: "MULTIPART", size, partSize, partCount: Math.ceil(size / partSize) };
}

type Shape = Pick<UploadPlan, "size" | "partSize" | "partCount">;

/** Whole numbers 1 … N only. */
export const isPartNumber = ({ partCount }: Shape, number: number): boolean =>
  Number.isInteger(number) && number >= 1 && number <= partCount;

/** Bytes of part `number`, 1 … N. */
export const sizeOfPart = ({ size, partSize, partCount }: Shape, number: number): number =>
  number < partCount ? partSize : size - partSize * (partCount - 1);

export interface FoundPart {
  readonly partNumber: number;
  readonly etag: string;
  /** Undefined where the server does not tell; its signed or counted length was exact. */
  readonly size?: number | undefined;
  /** In hex; of parts that passed through us. */
  readonly sha256?: string | undefined;
}

export interface PartsFound {
  /** In order, what S3 is told to put together; complete only when the two lists are empty. */
  readonly whole: readonly FoundPart[];
  readonly missing: readonly number[];
  /** There, but not of their exact size. */
  readonly wrong: readonly number[];
}

/** The highest number among them; 1 where there are none. */
export const lastOf = (parts: readonly Pick<FoundPart, "partNumber">[]): number =>
  Math.max(1, ...parts.map(({ partNumber }) => partNumber));

/** Holds what is at S3 against the plan. Parts outside 1 … N are not of this upload and are ignored. */
export function compareParts(plan: Shape, found: readonly FoundPart[]): PartsFound {
  const byNumber = new Map(found.map((part) => [part.partNumber, part]));
  const whole: FoundPart[] = [];
  const missing: number[] = [];
  const wrong: number[] = [];
  for (let number = 1; number <= plan.partCount; number += 1) {
    const part = byNumber.get(number);
    if (part === undefined) missing.push(number);
    else if (part.size !== undefined && part.size !== sizeOfPart(plan, number)) wrong.push(number);
    else whole.push(part);
  }
  return { whole, missing, wrong };
}

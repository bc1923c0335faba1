/** Where a request came from, for audit rows and rate limits. */
export interface RequestOrigin {
  readonly requestId: string;
  /** From CF-Connecting-IP only; undefined where the platform did not set it. */
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
}

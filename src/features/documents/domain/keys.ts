import type { CompanyId, DocumentId } from "../../../shared/ids.ts";

/**
 * `{env}/{company}/{document}/{version}`: ids and numbers only, never a word of a user. Version 0 is where a SINGLE
 * upload comes in, by a URL that stays good for minutes. Its checked bytes are stored under the number of the lease that
 * checked them: no URL can write there, nor can a worker whose lease ran out while it slept. A MULTIPART upload makes
 * version 1 itself: its URLs die with the S3 upload.
 */
export const incomingVersion = 0;
export const multipartVersion = 1;

export interface ObjectKey {
  readonly environment: string;
  readonly companyId: CompanyId;
  readonly documentId: DocumentId;
  readonly version: number;
}

export const formatKey = ({ environment, companyId, documentId, version }: ObjectKey): string =>
  `${environment}/${companyId}/${documentId}/${version}`;

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const keyPattern = new RegExp(`^([a-z]+)/(${uuid})/(${uuid})/(0|[1-9][0-9]{0,5})$`);

/** Undefined for what we did not name: the sweep leaves such objects alone. */
export function parseKey(key: string): ObjectKey | undefined {
  const [, environment, companyId, documentId, version] = keyPattern.exec(key) ?? [];
  if (environment === undefined) return undefined;
  return {
    environment,
    companyId: companyId as CompanyId,
    documentId: documentId as DocumentId,
    version: Number(version),
  };
}

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type CompanyId = Branded<"company">;
export type UserId = Branded<"user">;
export type SessionId = Branded<"session">;
export type SimulationId = Branded<"simulation">;
export type SweepId = Branded<"sweep">;
export type DocumentId = Branded<"document">;
export type UploadId = Branded<"upload">;
export type FolderDeletionId = Branded<"folder deletion">;

/** The reserved company that Super Admins belong to, and that audits refusals without a known company. */
export const platformCompanyId = "00000000-0000-4000-8000-000000000001" as CompanyId;

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

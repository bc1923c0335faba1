import { and, eq, isNull } from "drizzle-orm";
import { isGroup } from "../../shared/access.ts";
import { invariant } from "../../shared/errors.ts";
import type { CompanyId, UserId } from "../../shared/ids.ts";
import type { HttpDatabase, Transaction } from "./client.ts";
import { companies, users } from "./schema/index.ts";

/** The columns of a profile: `users` joined with its company. */
export const profileColumns = {
  id: users.id,
  email: users.email,
  firstName: users.firstName,
  lastName: users.lastName,
  group: users.group,
  isActive: users.isActive,
  emailVerifiedAt: users.emailVerifiedAt,
  imageUrl: users.imageUrl,
  themeConfig: users.themeConfig,
  createdAt: users.createdAt,
  lastLoginAt: users.lastLoginAt,
  companyId: companies.id,
  companyName: companies.name,
  companyLogoUrl: companies.logoUrl,
};

type User = typeof users.$inferSelect;
interface ProfileRow extends Pick<
  User,
  | "id"
  | "email"
  | "firstName"
  | "lastName"
  | "group"
  | "isActive"
  | "emailVerifiedAt"
  | "imageUrl"
  | "themeConfig"
  | "createdAt"
  | "lastLoginAt"
> {
  companyId: string;
  companyName: string;
  companyLogoUrl: string | null;
}

export function toProfile(row: ProfileRow) {
  const { emailVerifiedAt, companyId, companyName, companyLogoUrl, group, ...rest } = row;
  invariant(isGroup(group), "users.group holds a group");
  return {
    ...rest,
    id: row.id as UserId,
    group,
    emailVerified: emailVerifiedAt !== null,
    company: { id: companyId as CompanyId, name: companyName, logoUrl: companyLogoUrl },
  };
}

/** The profile of a live account. */
export const selectProfile = (
  db: HttpDatabase | Transaction,
  { companyId, userId }: { readonly companyId: CompanyId; readonly userId: UserId },
) =>
  // The builders are the same; a union of them loses the overloads.
  (db as HttpDatabase)
    .select(profileColumns)
    .from(users)
    .innerJoin(companies, eq(companies.id, users.companyId))
    .where(and(eq(users.companyId, companyId), eq(users.id, userId), isNull(users.deletedAt)))
    .limit(1);

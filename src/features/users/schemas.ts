import { z } from "@hono/zod-openapi";
import { groups, type Group } from "../../shared/access.ts";
import { freeJson } from "../../shared/free-json.ts";
import type { CompanyId, UserId } from "../../shared/ids.ts";
import { pageOf, pageQuery } from "../../shared/pagination.ts";
import { emailAddress, httpsUrl, label, text } from "../../shared/text.ts";
import { nameLength, themeLimits } from "./limits.ts";
import type { PeopleFilter, ProfilePatch, UserProfile } from "./repository.ts";
import type { Change } from "./verbs/change-user.ts";
import type { Invitation } from "./verbs/invite-user.ts";

const nullableUrl = z.string().nullable();
const maxEmailLength = 254;

/** A user as the documentation shows one. */
export const userExample = {
  id: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
  email: "researcher@demo.example",
  first_name: "Robin",
  last_name: "Researcher",
  username: "researcher@demo.example",
  group: "Researcher",
  is_active: true,
  email_verified: true,
  company: { id: "8e2a1d8e-1f0a-4a56-9f0a-5a1f0b9b7c11", name: "Acme", logo_url: null },
  image_url: null,
  theme_config: null,
  created_at: "2026-11-22T09:00:00.000Z",
  last_login_at: "2026-11-22T09:30:00.000Z",
};

export const userSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    username: z.string().openapi({ description: "The name people sign in with: the e-mail address." }),
    group: z.enum(groups),
    is_active: z.boolean(),
    email_verified: z.boolean().openapi({ description: "False until an invitation is accepted." }),
    company: z.object({ id: z.uuid(), name: z.string(), logo_url: nullableUrl }),
    image_url: nullableUrl,
    theme_config: z.record(z.string(), z.unknown()).nullable(),
    created_at: z.iso.datetime(),
    last_login_at: z.iso.datetime().nullable(),
  })
  .openapi("User", { example: userExample });

export const userPageSchema = pageOf(userSchema).openapi("UserPage", {
  example: { items: [userExample], next_cursor: null },
});

const name = () => label(nameLength);
const group = () => z.enum(groups).openapi({ description: "At most the caller's own.", example: "Researcher" });
const companyId = () =>
  z.uuid().toLowerCase().openapi({ description: "Of Super Admins.", example: userExample.company.id });

export const profilePatchSchema = z
  .strictObject({
    first_name: name().optional(),
    last_name: name().optional(),
    image_url: httpsUrl().nullable().optional(),
    theme_config: freeJson(themeLimits, { mode: "dark" }).nullable().optional(),
  })
  .openapi("ProfilePatch", { example: { first_name: "Robin", theme_config: { mode: "dark" } } });

export const invitationSchema = z
  .strictObject({
    email: emailAddress(),
    group: group(),
    first_name: name().optional(),
    last_name: name().optional(),
    company_id: companyId().optional(),
  })
  .openapi("NewUser", {
    example: { email: "new.colleague@example.com", group: "Researcher", first_name: "Noor", last_name: "Newcomer" },
  });

export const userPatchSchema = z
  .strictObject({
    group: group().optional(),
    is_active: z.boolean().optional(),
    first_name: name().optional(),
    last_name: name().optional(),
    company_id: companyId().optional(),
  })
  .openapi("UserPatch", { example: { group: "Reviewer" } });

export const userParams = z.object({ id: z.uuid().toLowerCase().openapi({ example: userExample.id }) });

export const userListQuery = z.strictObject({
  ...pageQuery,
  email: text(maxEmailLength).optional().openapi({ description: "A part of the address, in any case." }),
  group: z.enum(groups).optional(),
  is_active: z.enum(["true", "false"]).optional(),
  company_id: z.uuid().toLowerCase().optional().openapi({ description: "Of Super Admins: one company only." }),
});

export const filterFromWire = (query: z.infer<typeof userListQuery>): PeopleFilter => ({
  email: query.email?.toLowerCase(),
  group: query.group,
  isActive: query.is_active === undefined ? undefined : query.is_active === "true",
  companyId: query.company_id as CompanyId | undefined,
});

export const profilePatchFromWire = (patch: z.infer<typeof profilePatchSchema>): ProfilePatch => ({
  firstName: patch.first_name,
  lastName: patch.last_name,
  imageUrl: patch.image_url,
  themeConfig: patch.theme_config,
});

export const invitationFromWire = (body: z.infer<typeof invitationSchema>): Invitation => ({
  email: body.email,
  group: body.group satisfies Group,
  firstName: body.first_name ?? "",
  lastName: body.last_name ?? "",
  companyId: body.company_id as CompanyId | undefined,
});

export const changeFromWire = (patch: z.infer<typeof userPatchSchema>): Change => ({
  group: patch.group,
  isActive: patch.is_active,
  firstName: patch.first_name,
  lastName: patch.last_name,
  companyId: patch.company_id as CompanyId | undefined,
});

export const idFromWire = ({ id }: z.infer<typeof userParams>): UserId => id as UserId;

export function userToWire(user: UserProfile): z.infer<typeof userSchema> {
  return {
    id: user.id,
    email: user.email,
    first_name: user.firstName,
    last_name: user.lastName,
    username: user.email,
    group: user.group,
    is_active: user.isActive,
    email_verified: user.emailVerified,
    company: { id: user.company.id, name: user.company.name, logo_url: user.company.logoUrl },
    image_url: user.imageUrl,
    theme_config: user.themeConfig,
    created_at: user.createdAt.toISOString(),
    last_login_at: user.lastLoginAt?.toISOString() ?? null,
  };
}

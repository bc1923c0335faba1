import { z } from "@hono/zod-openapi";
import { groups } from "../../shared/access.ts";
import type { UserProfile } from "./repository.ts";

const nullableUrl = z.string().nullable();

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
    email_verified: z.boolean(),
    company: z.object({ id: z.uuid(), name: z.string(), logo_url: nullableUrl }),
    image_url: nullableUrl,
    theme_config: z.record(z.string(), z.unknown()).nullable(),
    created_at: z.iso.datetime(),
    last_login_at: z.iso.datetime().nullable(),
  })
  .openapi("User", { example: userExample });

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

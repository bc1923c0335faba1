import { z } from "@hono/zod-openapi";
import { pageOf, pageQuery } from "../../shared/pagination.ts";
import { httpsUrl, label, text } from "../../shared/text.ts";
import type { Company, CompanyPatch } from "./repository.ts";

const maxNameLength = 200;

export const companyExample = {
  id: "8e2a1d8e-1f0a-4a56-9f0a-5a1f0b9b7c11",
  name: "Acme",
  is_platform: false,
  logo_url: "https://cdn.example.com/acme/logo.svg",
  light_theme_image_url: null,
  dark_theme_image_url: null,
  created_at: "2026-11-22T09:00:00.000Z",
};

export const companySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    is_platform: z.boolean().openapi({ description: "The company that Super Admins belong to." }),
    logo_url: z.string().nullable(),
    light_theme_image_url: z.string().nullable(),
    dark_theme_image_url: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .openapi("Company", { example: companyExample });

export const companyPageSchema = pageOf(companySchema).openapi("CompanyPage", {
  example: { items: [companyExample], next_cursor: null },
});

const pictures = {
  logo_url: httpsUrl().nullable().optional(),
  light_theme_image_url: httpsUrl().nullable().optional(),
  dark_theme_image_url: httpsUrl().nullable().optional(),
};

export const newCompanySchema = z
  .strictObject({ name: label(maxNameLength), ...pictures })
  .openapi("NewCompany", { example: { name: "Acme", logo_url: "https://cdn.example.com/acme/logo.svg" } });

export const companyPatchSchema = z
  .strictObject({ name: label(maxNameLength).optional(), ...pictures })
  .openapi("CompanyPatch", { example: { name: "Acme Holding", dark_theme_image_url: null } });

export const companyListQuery = z.strictObject({
  ...pageQuery,
  q: text(maxNameLength).optional().openapi({ description: "A part of the name, in any case." }),
});

export const patchFromWire = (patch: z.infer<typeof companyPatchSchema>): CompanyPatch => ({
  name: patch.name,
  logoUrl: patch.logo_url,
  lightThemeImageUrl: patch.light_theme_image_url,
  darkThemeImageUrl: patch.dark_theme_image_url,
});

export const companyToWire = (company: Company): z.infer<typeof companySchema> => ({
  id: company.id,
  name: company.name,
  is_platform: company.isPlatform,
  logo_url: company.logoUrl,
  light_theme_image_url: company.lightThemeImageUrl,
  dark_theme_image_url: company.darkThemeImageUrl,
  created_at: company.createdAt.toISOString(),
});

import type { CatalogueRole } from "../workloads.ts";
import { administration } from "./roles/administration.ts";
import { data } from "./roles/data.ts";
import { designAndProduct } from "./roles/design-and-product.ts";
import { education } from "./roles/education.ts";
import { engineering } from "./roles/engineering.ts";
import { finance } from "./roles/finance.ts";
import { health } from "./roles/health.ts";
import { hospitality } from "./roles/hospitality.ts";
import { legal } from "./roles/legal.ts";
import { logistics } from "./roles/logistics.ts";
import { management } from "./roles/management.ts";
import { manufacturing } from "./roles/manufacturing.ts";
import { marketing } from "./roles/marketing.ts";
import { operations } from "./roles/operations.ts";
import { people } from "./roles/people.ts";
import { publicService } from "./roles/public-service.ts";
import { sales } from "./roles/sales.ts";
import { support } from "./roles/support.ts";
import { auto, person } from "./workload.ts";

/**
 * What a role whose tasks nobody described is taken to do: office work with some routine in it.
 * Times add up to 1.
 */
export const defaultRole: CatalogueRole = {
  role: "Default",
  workloads: [
    auto("Routine processing", 0.5, 0.3, "Most offices have a procedure that repeats on varied papers."),
    auto("Reporting and records", 0.6, 0.2, "Known facts in a known form, assembled from several places."),
    person("Talking with colleagues and customers", 0.7, 0.3, "Agreement is reached between people."),
    person("Judgement and exceptions", 0.9, 0.2, "What no rule covers needs somebody to answer for it."),
  ],
};

/** The catalogue by function; docs/design/role-catalogue.md says how an entry is argued and lists them all. */
export const rolesByFunction: Readonly<Record<string, readonly CatalogueRole[]>> = {
  "Engineering and IT": engineering,
  Data: data,
  "Design and product": designAndProduct,
  Finance: finance,
  "Human resources": people,
  Legal: legal,
  Sales: sales,
  Marketing: marketing,
  Support: support,
  Operations: operations,
  Logistics: logistics,
  "Manufacturing and building": manufacturing,
  Health: health,
  Education: education,
  "Public service": publicService,
  Administration: administration,
  Management: management,
  Hospitality: hospitality,
};

/** Every role we know, each name and alias once. */
export const roles: readonly CatalogueRole[] = Object.values(rolesByFunction).flat();

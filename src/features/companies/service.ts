import type { Actor } from "../../shared/access.ts";
import { entryOf, ownReading, readingOf, type Surroundings } from "../../shared/acting.ts";
import { AppError } from "../../shared/errors.ts";
import type { CompanyId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import type { Company, CompanyDetails, CompanyPatch, CompanyRepository } from "./repository.ts";

export interface CompanyService {
  list(
    actor: Actor,
    filter: { readonly q: string | undefined },
    page: { readonly limit: number; readonly after: PageMark | undefined },
  ): Promise<Page<Company>>;
  create(actor: Actor, details: CompanyDetails): Promise<Company>;
  /** @throws AppError `not_found`, the same for an unknown company and one that is not the caller's */
  get(actor: Actor, id: CompanyId): Promise<Company>;
  /** @throws AppError `not_found` */
  update(actor: Actor, id: CompanyId, patch: CompanyPatch): Promise<Company>;
}

interface CompanyDependencies extends Surroundings {
  readonly companies: CompanyRepository;
}

export function createCompanyService({ companies, ...surroundings }: CompanyDependencies): CompanyService {
  return {
    list: (actor, filter, page) => companies.list(readingOf(surroundings, actor, "company"), filter, page),
    async create(actor, details) {
      const id = surroundings.random.uuid() as CompanyId;
      const audit = entryOf(surroundings, actor, {
        companyId: id,
        action: "company.create",
        targetType: "company",
        targetId: id,
        changes: { name: { old: null, new: details.name } },
      });
      const company = { ...details, id, isPlatform: false, createdAt: audit.at };
      await companies.create(actor, company, audit);
      return company;
    },
    async get(actor, id) {
      const isOwn = id === actor.companyId;
      const reading = isOwn ? ownReading(surroundings, actor) : readingOf(surroundings, actor, "company", id);
      return known(await companies.find(reading, id));
    },
    async update(actor, id, patch) {
      const told = { companyId: id, action: "company.update", targetType: "company", targetId: id } as const;
      return known(await companies.update(actor, id, patch, entryOf(surroundings, actor, told)));
    },
  };
}

function known(company: Company | undefined): Company {
  if (company === undefined) throw new AppError("not_found", "You have no company with this id.");
  return company;
}

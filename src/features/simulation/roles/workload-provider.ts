import { z } from "zod";
import type { CompanyId } from "../../../shared/ids.ts";
import { rolesPerQuestion } from "../limits.ts";
import { nameKeyOf, roleCatalogue } from "./catalogue/index.ts";
import { workloadsSchema, type Workload } from "./workload-schemas.ts";
import type { DescribeRole } from "./workloads.ts";

/** Of the agreement with the service (docs/design/workload-provider.md), and so of everything that is cached. */
export const providerVersion = 1;

/** Describes roles that neither the request nor the company describes. */
export interface WorkloadProvider {
  /** Never fails: for what it cannot find out our catalogue stands in, and the description says so. */
  describe(companyId: CompanyId, roles: readonly string[]): Promise<DescribeRole>;
}

export interface ProviderQuestion {
  readonly version: typeof providerVersion;
  readonly company_id: CompanyId;
  readonly roles: readonly string[];
}

export type ProviderFault =
  | "cache_unavailable"
  | "timed_out"
  | "unreachable"
  | "refused"
  | "too_large"
  | "malformed"
  | "not_as_agreed";

/** The configured service, one question a call. Faults are values. */
export interface WorkloadService {
  ask(question: ProviderQuestion): Promise<{ ok: true; answer: unknown } | { ok: false; fault: ProviderFault }>;
}

/** What the service said before. Each method is one round trip and throws when the cache cannot be reached. */
export interface WorkloadCache {
  /** A value a key, in order; undefined where there is none. */
  read(keys: readonly string[]): Promise<readonly unknown[]>;
  write(entries: ReadonlyMap<string, readonly Workload[]>): Promise<void>;
}

/** Our own catalogue, and the default role for what it does not know. */
export const describeFromCatalogue: DescribeRole = (role) => {
  const workloads = roleCatalogue.find(role);
  return workloads === undefined
    ? { source: "fallback", workloads: roleCatalogue.fallback }
    : { source: "catalogue", workloads };
};

export const localProvider: WorkloadProvider = { describe: () => Promise.resolve(describeFromCatalogue) };

const standIn: DescribeRole = (role) => {
  const { source, workloads } = describeFromCatalogue(role);
  return { source: "provider_fallback", workloads, isDefault: source === "fallback" };
};

interface ServiceProviderDependencies {
  readonly service: WorkloadService;
  readonly cache: WorkloadCache;
  /** Hashes a role's name into a key: names are long, and anything. */
  readonly digest: (text: string) => string;
  readonly onFault: (fault: ProviderFault, roles: number) => void;
}

/** Two spellings of one name are one role, as in the catalogue; a name without a letter or digit is itself. */
const identityOf = (role: string): string => nameKeyOf(role) || role;

/** A service, behind a cache by company, role and version. Takes at most one read, one round of questions, one write. */
export function createServiceProvider(dependencies: ServiceProviderDependencies): WorkloadProvider {
  const { cache, digest, onFault } = dependencies;
  const keyOf = (companyId: CompanyId, role: string): string =>
    `workloads:${providerVersion}:${companyId}:${digest(identityOf(role))}`;
  return {
    async describe(companyId, roles) {
      const wanted = new Map<string, string>();
      // Of several spellings the first is asked, and what is said of it holds for all.
      for (const role of roles) {
        const key = keyOf(companyId, role);
        if (!wanted.has(key)) wanted.set(key, role);
      }
      if (wanted.size === 0) return describeFromCatalogue;
      const found = await recall(cache, [...wanted.keys()]);
      if (found === undefined) onFault("cache_unavailable", wanted.size);
      else {
        const missing = [...wanted].filter(([key]) => !found.has(key));
        const learnt = new Map(
          (await Promise.all(inParts(missing).map((part) => ask(dependencies, companyId, part)))).flat(),
        );
        for (const [key, workloads] of learnt) found.set(key, workloads);
        if (learnt.size > 0) await cache.write(learnt).catch(() => onFault("cache_unavailable", learnt.size));
      }
      return (role) => {
        const workloads = found?.get(keyOf(companyId, role));
        return workloads === undefined ? standIn(role) : { source: "provider", workloads };
      };
    },
  };
}

/** Undefined when the cache cannot be asked: without it every simulation would go to the service. */
async function recall(cache: WorkloadCache, keys: readonly string[]): Promise<Map<string, Workload[]> | undefined> {
  try {
    const values = await cache.read(keys);
    return new Map(
      keys.flatMap((key, index) => {
        const { data } = workloadsSchema.safeParse(values[index]);
        return data === undefined ? [] : [[key, data] as const];
      }),
    );
  } catch {
    return undefined;
  }
}

const answerSchema = z.object({
  version: z.literal(providerVersion),
  roles: z.array(z.object({ role: z.string(), workloads: z.unknown() })).max(rolesPerQuestion),
});

/** The roles that the service described as agreed; a role it described badly costs that role only. */
async function ask(
  { service, onFault }: ServiceProviderDependencies,
  companyId: CompanyId,
  wanted: readonly (readonly [key: string, role: string])[],
): Promise<(readonly [key: string, workloads: Workload[]])[]> {
  const roles = wanted.map(([, role]) => role);
  const answered = await service.ask({ version: providerVersion, company_id: companyId, roles });
  if (!answered.ok) {
    onFault(answered.fault, roles.length);
    return [];
  }
  const { data } = answerSchema.safeParse(answered.answer);
  const said = new Map(data?.roles.map(({ role, workloads }) => [identityOf(role), workloads]));
  const good = wanted.flatMap(([key, role]) => {
    const { data: workloads } = workloadsSchema.safeParse(said.get(identityOf(role)));
    return workloads === undefined ? [] : [[key, workloads] as const];
  });
  if (good.length < wanted.length) onFault("not_as_agreed", wanted.length - good.length);
  return good;
}

function inParts<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / rolesPerQuestion) }, (_, part) =>
    list.slice(part * rolesPerQuestion, (part + 1) * rolesPerQuestion),
  );
}

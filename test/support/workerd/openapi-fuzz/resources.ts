import { call } from "../api.ts";
import { makeSession, type Person } from "../factories.ts";

/** Values for the parameters of one path template, or for the query that a path must have. */
export interface PathResource {
  /** Makes a thing that `owner`'s company has, and says how the path or the query names it. */
  make(owner: Person): Promise<Record<string, string>>;
  /** Names of the right form for a thing that nobody has. */
  unknown(): Record<string, string>;
}

const smallSimulation = {
  company: "Acme",
  n_iterations: 1,
  automation_factor: 0.5,
  n_months: 12,
  roles: [{ role: "Engineer", count: 1, salary: 80_000 }],
};

async function makeSimulation(owner: Person): Promise<Record<string, string>> {
  const { status, body, text } = await call("/api/etter/simulation/v1", { body: smallSimulation, as: owner });
  if (status !== 202) throw new Error(`could not start a simulation: ${text}`);
  return { id: body.id as string };
}

async function makeRole(owner: Person): Promise<Record<string, string>> {
  const role = `Keeper of ${crypto.randomUUID()}`;
  const workloads = [{ Name: "Keep", Type: "Auto", Skill: 0.5, Time: 1 }];
  const { status, text } = await call(`/api/etter/simulation/v1/roles/${role}`, {
    method: "PUT",
    body: { workloads },
    as: owner,
  });
  if (status !== 201) throw new Error(`could not describe a role: ${text}`);
  return { role };
}

async function makeTwoSimulations(owner: Person): Promise<Record<string, string>> {
  const [one, other] = [await makeSimulation(owner), await makeSimulation(owner)];
  return { ids: `${one["id"]},${other["id"]}` };
}

const company: PathResource = {
  make: async ({ companyId }) => ({ id: companyId }),
  unknown: () => ({ id: crypto.randomUUID() }),
};
const role: PathResource = { make: makeRole, unknown: () => ({ role: `Keeper of ${crypto.randomUUID()}` }) };
const simulation: PathResource = { make: makeSimulation, unknown: () => ({ id: `sim-${crypto.randomUUID()}` }) };

const session: PathResource = {
  make: async (owner) => ({ id: (await makeSession(owner)).sessionId }),
  unknown: () => ({ id: crypto.randomUUID() }),
};

const simulations: PathResource = {
  make: makeTwoSimulations,
  unknown: () => ({ ids: `sim-${crypto.randomUUID()},sim-${crypto.randomUUID()}` }),
};

/** How to make a resource for every path that has a parameter or a query that must be there. A path that is missing here fails the attack suite. */
export const pathResources: Readonly<Record<string, PathResource>> = {
  "/api/etter/companies/{id}": company,
  "/api/etter/auth/sessions/{id}": session,
  "/api/etter/simulation/v1/compare": simulations,
  "/api/etter/simulation/v1/roles/{role}": role,
  "/api/etter/simulation/v1/{id}": simulation,
  "/api/etter/simulation/v1/{id}/cancel": simulation,
  "/api/etter/simulation/v1/{id}/paths": simulation,
  "/api/etter/simulation/v1/{id}/results.csv": simulation,
};

import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createServiceProvider,
  type ProviderFault,
} from "../../../../src/features/simulation/roles/workload-provider.ts";
import { MeteredRedis } from "../../../../src/platform/redis/client.ts";
import { createWorkloadCache } from "../../../../src/platform/redis/workload-cache.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import { createWorkloadService } from "../../../../src/platform/workloads/workload-service.ts";
import { sha256Hex } from "../../../../src/platform/crypto/digests.ts";
import type { CompanyId } from "../../../../src/shared/ids.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import { makePerson, sessionOf, type Person } from "../../../support/workerd/factories.ts";
import { control, upstash } from "../../../support/workerd/front-clients.ts";
import { ask, captureLog } from "../http/app-under-test.ts";

const { workloadServiceUrl, workloadServiceToken, upstashFrontUrl } = env.TEST_STACK;
const bindingsFor = (manner: string) => ({
  SIMULATION_PROVIDER_TYPE: "http",
  SIMULATION_PROVIDER_URL: `${workloadServiceUrl}/${manner}`,
  SIMULATION_PROVIDER_TOKEN: workloadServiceToken,
});
const someRole = (): string => `Role ${crypto.randomUUID()}`;
const inputOf = (...roles: string[]) => ({
  company: "Acme",
  n_iterations: 40,
  automation_factor: 0.5,
  n_months: 48,
  roles: roles.map((role) => ({ role, count: 2, salary: 1 })),
});

interface Started {
  status: number;
  workloads: { role: string; source: string; workloads: { Name: string }[] }[];
  warnings: { code: string; role?: string }[];
}

/** Starts a simulation in a Worker that is configured to ask the service. */
async function start(as: Person, manner: string, body: object, requestId = crypto.randomUUID()): Promise<Started> {
  const { accessToken } = await sessionOf(as);
  const headers = {
    Authorization: `Bearer ${accessToken}`,
    "Content-Type": "application/json",
    "X-Request-Id": requestId,
    "CF-Connecting-IP": "10.9.8.7",
  };
  const request = new Request("https://etter.test/api/etter/simulation/v1", {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  const response = await ask(request, { bindings: bindingsFor(manner) });
  const { workloads, warnings } = await response.json<Omit<Started, "status">>();
  return { status: response.status, workloads, warnings };
}

const asked = async (companyId: CompanyId): Promise<string[][]> => {
  const all: { question: { company_id: string; roles: string[] } }[] = await (
    await fetch(`${workloadServiceUrl}/_asked`)
  ).json();
  return all.filter(({ question }) => question.company_id === companyId).map(({ question }) => question.roles);
};
const sources = ({ workloads }: Started) => workloads.map(({ source }) => source);

describe("a configured workload service", () => {
  it("describes what neither the request nor the company does, in one question", async () => {
    const as = await makePerson();
    const own = someRole();
    const workloads = [{ Name: "Own work", Type: "Auto", Skill: 0.5, Time: 1 }];
    await call(`/api/etter/simulation/v1/roles/${own}`, { method: "PUT", body: { workloads }, as });
    const body = inputOf("Engineer", own, "Given", "---");
    const given = { ...body, roles: body.roles.map((r) => (r.role === "Given" ? { ...r, workloads } : r)) };
    const run = await start(as, "well", given);
    expect(run.status).toBe(202);
    expect(sources(run)).toEqual(["provider", "catalogue", "request", "provider"]);
    expect(run.workloads.map((role) => role.workloads[0]!.Name)).toEqual([
      "Work of a Engineer",
      "Own work",
      "Own work",
      "Work of a ---",
    ]);
    expect(run.warnings).toEqual([]);
    expect(await asked(as.companyId)).toEqual([["Engineer", "---"]]);
  });

  it("is asked once a month for a role and company: then the cache answers, in one call", async () => {
    const [as, stranger] = await Promise.all([makePerson(), makePerson()]);
    await start(as, "well", inputOf("Engineer", "Clerk"));
    const requestId = crypto.randomUUID();
    const again = await start(as, "silent", inputOf("ENGINEER", "clerk"), requestId);
    expect(sources(again)).toEqual(["provider", "provider"]);
    const { redis, postgres } = await frontCalls(requestId);
    const reads = redis.filter(({ statements }) => statements.some((s) => /^mget/i.test(s)));
    expect([reads.length, postgres.length]).toEqual([1, 2]);
    expect(redis.length).toBe(2);
    await start(stranger, "well", inputOf("Engineer"));
    expect([await asked(as.companyId), await asked(stranger.companyId)]).toEqual([
      [["Engineer", "Clerk"]],
      [["Engineer"]],
    ]);
    const keys = await upstash().keys(`workloads:1:${as.companyId}:*`);
    expect(keys).toHaveLength(2);
    const lifetimes = await Promise.all(keys.map((key) => upstash().ttl(key)));
    for (const seconds of lifetimes) expect(Math.abs(seconds - 30 * 24 * 3600)).toBeLessThan(60);
  });

  it("is asked once for two spellings of a role, by the first, and may spell it in its own way", async () => {
    const as = await makePerson();
    const run = await start(as, "loud", inputOf("Keeper of bees", "KEEPER OF BEES!", "---"));
    expect(run.workloads.map(({ source, workloads }) => [source, workloads[0]!.Name])).toEqual([
      ["provider", "Work of a Keeper of bees"],
      ["provider", "Work of a Keeper of bees"],
      // A name of signs alone is that name, to the letter.
      ["provider_fallback", expect.any(String)],
    ]);
    expect(await asked(as.companyId)).toEqual([["Keeper of bees", "---"]]);
    expect(await upstash().keys(`workloads:1:${as.companyId}:*`)).toHaveLength(1);
  });

  it("is asked for each of two roles whose names differ by a sign", async () => {
    const as = await makePerson();
    await start(as, "well", inputOf("C++ Developer", "C# Developer"));
    expect((await asked(as.companyId)).flat().toSorted()).toEqual(["C# Developer", "C++ Developer"]);
    expect(await upstash().keys(`workloads:1:${as.companyId}:*`)).toHaveLength(2);
  });

  it("is asked for two hundred roles in questions of fifty", async () => {
    const as = await makePerson();
    const names = Array.from({ length: 200 }, (_, index) => `Role ${index}`);
    const run = await start(as, "well", inputOf(...names));
    expect(new Set(sources(run))).toEqual(new Set(["provider"]));
    const questions = await asked(as.companyId);
    expect(questions.map(({ length }) => length)).toEqual([50, 50, 50, 50]);
    expect(questions.flat().toSorted()).toEqual(names.toSorted());
  });

  it("is not asked when every role is described, nor for callers who are turned away", async () => {
    const as = await makePerson();
    const workloads = [{ Name: "Own work", Type: "Auto", Skill: 0.5, Time: 1 }];
    const body = inputOf("Given");
    const requestId = crypto.randomUUID();
    await start(as, "well", { ...body, roles: body.roles.map((role) => ({ ...role, workloads })) }, requestId);
    expect((await frontCalls(requestId)).redis).toHaveLength(1);
    const reviewer = await makePerson({ group: "Reviewer", companyId: as.companyId });
    expect((await start(reviewer, "well", inputOf("Engineer"))).status).toBe(403);
    expect(await asked(as.companyId)).toEqual([]);
  });

  it.each([
    "other-version",
    "other-shape",
    "no-time",
    "rubbish",
    "half-json",
    "huge",
    "server-error",
    "denied",
    "elsewhere",
    "hanging-up",
    "no-such-manner",
  ])("that answers %s costs nothing but its word: the catalogue stands in, and the run says so", async (manner) => {
    const as = await makePerson();
    const log = captureLog();
    const unknown = someRole();
    const run = await start(as, manner, inputOf("Engineer", unknown));
    expect(run.status).toBe(202);
    expect(sources(run)).toEqual(["provider_fallback", "provider_fallback"]);
    expect(run.workloads[0]!.workloads[0]!.Name).not.toContain("Work of a");
    expect(run.warnings).toEqual([
      { code: "provider_fallback", role: "Engineer" },
      { code: "provider_fallback", role: unknown },
      { code: "role_from_fallback", role: unknown },
    ]);
    // Nothing of it is remembered.
    expect(sources(await start(as, "well", inputOf("Engineer", unknown)))).toEqual(["provider", "provider"]);
    expect(log.lines()).toContainEqual(expect.objectContaining({ event: "workload_service_failed", roles: 2 }));
    expect(log.text()).not.toContain(workloadServiceToken);
    expect(log.text()).not.toContain(unknown);
  });

  it("that describes one role badly loses that role only", async () => {
    const as = await makePerson();
    const run = await start(as, "partly", inputOf("Engineer", "Marketing", "Nurse"));
    expect(sources(run)).toEqual(["provider", "provider_fallback", "provider"]);
    expect(run.warnings).toEqual([{ code: "provider_fallback", role: "Marketing" }]);
  });

  it("shows its token to nobody else: a redirect is not followed", async () => {
    const as = await makePerson();
    await start(as, "elsewhere", inputOf("Engineer"));
    expect(await asked(as.companyId)).toEqual([["Engineer"]]);
  });
});

/** The provider as the container makes it, with a shorter patience. */
function providerOf(manner: string, timeoutMs = 300) {
  const faults: ProviderFault[] = [];
  const meter = new RequestMeter(Date.now);
  const requestId = crypto.randomUUID();
  const url = `${workloadServiceUrl}/${manner}`;
  const { upstashToken } = env.TEST_STACK;
  const redis = new MeteredRedis({ url: upstashFrontUrl, token: upstashToken, requestId, meter });
  const provider = createServiceProvider({
    service: createWorkloadService({
      url,
      token: workloadServiceToken,
      requestId,
      meter,
      timeoutMs,
      maxAnswerBytes: 1024 * 1024,
    }),
    cache: createWorkloadCache(redis, 60),
    digest: sha256Hex,
    onFault: (fault) => faults.push(fault),
  });
  return { provider, faults, meter };
}

describe("the provider", () => {
  const companyId = (): CompanyId => crypto.randomUUID() as CompanyId;

  it.each([
    ["silent", "timed_out"],
    ["dripping", "timed_out"],
    ["hanging-up", "unreachable"],
    ["huge", "too_large"],
    ["rubbish", "malformed"],
    ["server-error", "refused"],
    ["other-version", "not_as_agreed"],
  ] as const)("tells a service that is %s from others: %s", async (manner, fault) => {
    const { provider, faults } = providerOf(manner, manner === "silent" || manner === "dripping" ? 300 : 10_000);
    const describeRole = await provider.describe(companyId(), ["Engineer"]);
    expect([describeRole("Engineer").source, faults]).toEqual(["provider_fallback", [fault]]);
  });

  it.each(["stop", "pause"] as const)("does not turn to the service after a %s of Redis", async (action) => {
    const company = companyId();
    onTestFinished(async () => {
      if (action === "pause") await control(upstashFrontUrl, "resume");
      await control(upstashFrontUrl, "start");
    });
    await control(upstashFrontUrl, action);
    const { provider, faults } = providerOf("well");
    const describeRole = await provider.describe(company, ["Engineer"]);
    expect([describeRole("Engineer").source, faults]).toEqual(["provider_fallback", ["cache_unavailable"]]);
    expect(await asked(company)).toEqual([]);
  });

  it("takes rubbish in the cache for nothing, and writes over it", async () => {
    const company = companyId();
    const key = `workloads:1:${company}:${sha256Hex("engineer")}`;
    for (const rubbish of ["not json", "[]", '[{"Name":"x","Type":"Auto","Skill":0.5,"Time":0}]']) {
      await upstash({ automaticDeserialization: false }).set(key, rubbish);
      const { provider, faults } = providerOf("well", 10_000);
      const describeRole = await provider.describe(company, ["Engineer"]);
      expect([describeRole("Engineer").source, faults]).toEqual(["provider", []]);
    }
    expect(await asked(company)).toHaveLength(3);
    const { provider, meter } = providerOf("silent");
    expect((await provider.describe(company, ["engineer"]))("Engineer").source).toBe("provider");
    expect(meter.rounds).toBe(1);
  });
});

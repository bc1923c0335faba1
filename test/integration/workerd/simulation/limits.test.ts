import { describe, expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { makePerson } from "../../../support/workerd/factories.ts";
import type { OpenApiDocument, Schema } from "../../../support/workerd/openapi-fuzz/document.ts";
import { publishedDocument } from "../../../support/workerd/openapi-fuzz/published-document.ts";

const path = "/api/etter/simulation/v1";
const workload = { Name: "x", Type: "Auto", Skill: 0.5, Time: 1 };
const role = { role: "Engineer", count: 20, salary: 80_000, workloads: [workload] };
const input = { company: "Acme", n_iterations: 5, automation_factor: 0.5, n_months: 12, roles: [role] };

/** What stands in for the value of a body, which is then put in as text: `1e999` and `-0` are not what JSON.stringify writes. */
const hole = "the value";
const inWorkload = (change: object) => ({ ...input, roles: [{ ...role, workloads: [{ ...workload, ...change }] }] });

/** A number of the body: where it is, and the last values on both sides of its edges. */
interface NumberLimit {
  readonly field: string;
  readonly body: object;
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
  /** What the OpenAPI document must say of it. */
  readonly documented: Partial<Pick<Schema, "type" | "minimum" | "maximum" | "exclusiveMinimum">>;
}

const whole = (field: string, body: object, min: number, max: number): NumberLimit => ({
  field,
  body,
  accepted: [`${min}`, `${max}`],
  refused: [`${min - 1}`, `${BigInt(max) + 1n}`, `${min}.5`, ...(min > 0 ? ["-0"] : [])],
  documented: { type: "integer", minimum: min, maximum: max },
});
const share = (field: string, body: object, min = 0): NumberLimit => ({
  field,
  body,
  accepted: [`${min}`, "1", ...(min === 0 ? ["-0", "5e-324"] : [])],
  refused: [min === 0 ? "-5e-324" : `${min - 1e-9}`, "1.0000000000000002"],
  documented: { type: "number", minimum: min, maximum: 1 },
});

/** The contract's limits, written out once more: what the code holds for them must not be what it is tested against. */
const numbers: readonly NumberLimit[] = [
  whole("n_iterations", { ...input, n_iterations: hole }, 1, 10_000),
  whole("n_months", { ...input, n_months: hole }, 12, 240),
  { ...whole("seed", { ...input, seed: hole }, 0, 2 ** 53 - 1), accepted: ["0", "-0", `${2 ** 53 - 1}`] },
  whole("roles[0].count", { ...input, roles: [{ ...role, count: hole }] }, 1, 1_000_000),
  share("automation_factor", { ...input, automation_factor: hole }),
  share("learn_factor", { ...input, learn_factor: hole }),
  share("act_factor", { ...input, act_factor: hole }),
  share("oversight", { ...input, model: "conserving", oversight: hole }, 0.01),
  {
    field: "roles[0].salary",
    body: { ...input, roles: [{ ...role, salary: hole }] },
    accepted: ["0.01", "1e12"],
    refused: ["0", "-0", "-0.01"],
    documented: { type: "number", exclusiveMinimum: 0 },
  },
  {
    field: "roles[0].workloads[0].Skill",
    body: inWorkload({ Skill: hole }),
    accepted: ["0", "-0", "1.5"],
    refused: ["-5e-324"],
    documented: { type: "number", minimum: 0 },
  },
  {
    field: "roles[0].workloads[0].Time",
    body: { ...input, roles: [{ ...role, workloads: [{ ...workload, Time: hole }, workload] }] },
    accepted: ["0", "-0", "1e-6", "1.5"],
    refused: ["9.999999e-7", "5e-324", "-1e-6"],
    documented: { type: "number", minimum: 0 },
  },
];
/** Of every number: what JSON can spell and no limit can mean. */
const absurd = ["1e999", "-1e999", "1e308", "-1e308", "null", '"1"', "true", "[]", "{}"];

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const roles = (count: number, people = 1) =>
  many(count, (index) => ({ role: `Role ${index}`, count: people, salary: 1, workloads: [workload] }));
const named = (name: string) => ({ ...input, roles: [{ ...role, role: name }] });

/** Lengths and sums: bodies just within, and just beyond. */
const sizes: readonly { field: string; within: readonly object[]; beyond: readonly object[] }[] = [
  {
    field: "roles",
    within: [
      { ...input, roles: roles(1) },
      { ...input, roles: roles(200) },
    ],
    beyond: [
      { ...input, roles: [] },
      { ...input, roles: roles(201) },
    ],
  },
  {
    field: "roles",
    within: [{ ...input, roles: roles(10, 1_000_000) }],
    beyond: [{ ...input, roles: [...roles(10, 1_000_000), { ...role, count: 1 }] }],
  },
  {
    field: "roles[0].role",
    within: ["x", "x".repeat(100), "☂".repeat(100), "👷".repeat(100), "0"].map(named),
    beyond: ["", " ", "\u00a0\t", "x".repeat(101), "👷".repeat(101)].map(named),
  },
  {
    field: "roles[1].role",
    within: [{ ...input, roles: [role, { ...role, role: "engineer" }] }],
    beyond: [{ ...input, roles: [role, role] }],
  },
  {
    field: "roles[0].workloads",
    within: [1, 50].map((count) => ({ ...input, roles: [{ ...role, workloads: many(count, () => workload) }] })),
    beyond: [
      ...[0, 51].map((count) => ({ ...input, roles: [{ ...role, workloads: many(count, () => workload) }] })),
      inWorkload({ Time: 0 }),
    ],
  },
];

/** Status, and the first field that is named. */
async function verdictOf(body: object, value: string | undefined, as: Awaited<ReturnType<typeof makePerson>>) {
  const text = JSON.stringify(body);
  const raw = value === undefined ? text : text.replace(JSON.stringify(hole), value);
  const answer = await call(`${path}/estimate`, { raw, as, headers: { "Content-Type": "application/json" } });
  const errors: { path: string }[] = answer.body?.errors ?? [];
  return [answer.status, errors[0]?.path];
}

function schemaAt(document: OpenApiDocument, field: string): Schema {
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split("/").at(-1)!]!;
  let schema = document.components.schemas["SimulationInput"]!;
  for (const step of field.replaceAll("[0]", ".[0]").split(".")) {
    schema = resolve((step === "[0]" ? schema.items : schema.properties?.[step])!);
  }
  return schema;
}

describe("the contract's limits", () => {
  it.each(numbers)("$field: at the edge and beyond", async ({ field, body, accepted, refused }) => {
    const as = await makePerson();
    for (const value of accepted) expect([value, await verdictOf(body, value, as)]).toEqual([value, [200, undefined]]);
    for (const value of [...refused, ...absurd])
      expect([value, await verdictOf(body, value, as)]).toEqual([value, [422, field]]);
  });

  it.each(numbers)("$field: as documented", async ({ field, documented }) => {
    expect(schemaAt(await publishedDocument(), field)).toMatchObject(documented);
  });

  it.each(sizes)("$field: so many and so long, and no more (%#)", async ({ field, within, beyond }) => {
    const as = await makePerson();
    for (const body of within) expect(await verdictOf(body, undefined, as)).toEqual([200, undefined]);
    for (const body of beyond) expect(await verdictOf(body, undefined, as)).toEqual([422, field]);
  });

  it("takes a negative zero for zero: the same question, answered by the same run", async () => {
    const as = await makePerson();
    const zero = { ...inWorkload({ Skill: hole }), seed: hole, learn_factor: hole, act_factor: hole };
    const ask = (value: string) =>
      call(path, {
        raw: JSON.stringify(zero).replaceAll(JSON.stringify(hole), value),
        as,
        headers: { "Content-Type": "application/json", Prefer: "wait=20" },
      });
    const [first, second] = [await ask("-0"), await ask("0")];
    expect([first.status, first.body.seed, second.body.cached], first.text).toEqual([200, 0, true]);
    expect(first.text).not.toMatch(/-0[,}]/);
    expect({ ...second.body, cached: undefined }).toEqual(first.body);
  });
});

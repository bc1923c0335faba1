import { describe, expect, it } from "vitest";
import { groups, may, permissions, type Group, type Permission } from "../../src/shared/access.ts";
import { call, callAsFunction, type Answer } from "../support/workerd/api.ts";
import { makeCompany, makePerson, type Person } from "../support/workerd/factories.ts";
import { isGuarded, needsPermission, operationsOf, type Operation } from "../support/workerd/openapi-fuzz/document.ts";
import { publishedDocument } from "../support/workerd/openapi-fuzz/published-document.ts";
import { filledPath } from "../support/workerd/openapi-fuzz/requests.ts";
import { pathResources } from "../support/workerd/openapi-fuzz/resources.ts";
import { smallestBody } from "../support/workerd/openapi-fuzz/samples.ts";

/**
 * Every operation of the document × nobody and every group × a thing of the own and of another company. What must come out
 * follows from `x-permission`, `x-reach` and the table in src/shared/access.ts; nothing here names an operation.
 */
const document = await publishedDocument();
const operations = operationsOf(document);
const byPermission = operations.filter(needsPermission);

type Outcome = "unauthorized" | "forbidden" | "not found" | "let in";
type Row = Record<string, Outcome>;

const outcomeOf = ({ status, text }: Answer): Outcome => {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404) return "not found";
  expect(status, text).toBeLessThan(500);
  return "let in";
};

/** Whether it looks for what its path names; a PUT that makes what is not there does not. */
const findsOne = (operation: Operation): boolean =>
  pathResources[operation.path] !== undefined && operation.responses["404"] !== undefined;

function expectedRow(operation: Operation): Row {
  const permission = operation["x-permission"] as Permission;
  const row: Row = { nobody: "unauthorized" };
  for (const group of groups) {
    const letIn = may(group, permission) ? "let in" : "forbidden";
    row[`${group}, own`] = letIn;
    if (pathResources[operation.path] === undefined) continue;
    const reaches = group === "Super Admin" && operation["x-reach"] === "all-companies";
    row[`${group}, other`] = letIn === "let in" && findsOne(operation) && !reaches ? "not found" : letIn;
  }
  return row;
}

/** A company with somebody of every group, and the Super Admin beside them. */
async function somebodyOfEveryGroup(): Promise<Record<Group, Person>> {
  const companyId = await makeCompany();
  const people = groups.map((group) => makePerson(group === "Super Admin" ? { group } : { group, companyId }));
  return Object.fromEntries((await Promise.all(people)).map((person) => [person.group, person])) as Record<
    Group,
    Person
  >;
}

/** Makes what an operation's path names: one thing for all who read it, else one for each try, which may leave nothing. */
function thingsFor(operation: Operation): (owner: Person) => Promise<Record<string, string>> {
  const resource = pathResources[operation.path];
  const made = new Map<Person, Promise<Record<string, string>>>();
  return (owner) => {
    if (resource === undefined) return Promise.resolve({});
    if (operation.method !== "GET") return resource.make(owner);
    const thing = made.get(owner) ?? resource.make(owner);
    made.set(owner, thing);
    return thing;
  };
}

async function actualRow(operation: Operation): Promise<Row> {
  const resource = pathResources[operation.path];
  const thingOf = thingsFor(operation);
  const people = await somebodyOfEveryGroup();
  const stranger = await makePerson({ group: "Admin" });
  const body = smallestBody(document, operation);
  const attempt = async (pathParameters: Record<string, string>, as?: Person): Promise<Outcome> =>
    outcomeOf(
      await call(filledPath(document, operation, pathParameters), {
        method: operation.method,
        ...(body === undefined ? {} : { body }),
        ...(as === undefined ? {} : { as }),
      }),
    );
  const row: Row = { nobody: await attempt(resource?.unknown() ?? {}) };
  const tries = groups.map(async (group) => {
    const person = people[group];
    const owner = group === "Super Admin" || operation["x-reach"] === "self" ? person : people["Admin"];
    row[`${group}, own`] = await attempt(await thingOf(owner), person);
    if (resource !== undefined) row[`${group}, other`] = await attempt(await thingOf(stranger), person);
  });
  await Promise.all(tries);
  return row;
}

callAsFunction();

describe("the access matrix", () => {
  it("has a permission of the table, and a reach, for every operation that is not open", () => {
    const without = operations.filter((operation) => operation["x-permission"] === undefined);
    expect(without.map(({ title }) => title)).toEqual([]);
    expect(operations.filter(isGuarded).length).toBeGreaterThan(byPermission.length);
    for (const operation of byPermission) {
      expect([operation.title, permissions]).toEqual([
        operation.title,
        expect.arrayContaining([operation["x-permission"]]),
      ]);
      expect([operation.title, operation["x-reach"]]).toEqual([
        operation.title,
        expect.stringMatching(/^(self|own-company|all-companies)$/),
      ]);
    }
  });

  it.each(byPermission.map((operation) => [operation.title, operation] as const))(
    "%s",
    { timeout: 60_000 },
    async (_title, operation) => {
      expect(await actualRow(operation)).toEqual(expectedRow(operation));
    },
  );
});

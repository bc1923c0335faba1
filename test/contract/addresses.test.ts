import { describe, expect, it } from "vitest";
import { call, callAsFunction, type Answer } from "../support/workerd/api.ts";
import { makePerson } from "../support/workerd/factories.ts";
import {
  operationsOf,
  needsPermission,
  tenantGroup,
  type Operation,
} from "../support/workerd/openapi-fuzz/document.ts";
import { publishedDocument } from "../support/workerd/openapi-fuzz/published-document.ts";
import { filledPath } from "../support/workerd/openapi-fuzz/requests.ts";
import { pathResources } from "../support/workerd/openapi-fuzz/resources.ts";

const document = await publishedDocument();
const operations = operationsOf(document);

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const inCapitals = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value.replace(uuid, (id) => id.toUpperCase())]),
  );
/** A name is kept to the letter, and so is a token. */
const isNamedById = ({ path }: Operation): boolean =>
  path.endsWith("/compare") || (/\{(\w+_)?id\}/.test(path) && !path.includes("{token}"));
/** A stream goes on while what it tells of does. */
const isStream = ({ responses }: Operation): boolean => responses["200"]?.content?.["text/event-stream"] !== undefined;

callAsFunction();

describe("an id in capitals", () => {
  const readings = operations.filter(
    (operation) =>
      operation.method === "GET" && isNamedById(operation) && needsPermission(operation) && !isStream(operation),
  );

  it.each(readings.map((operation) => [operation.title, operation] as const))(
    "names the same thing for %s",
    async (_title, operation) => {
      const as = await makePerson({ group: tenantGroup(operation) });
      const values = await pathResources[operation.path]!.make(as);
      const read = (named: Record<string, string>): Promise<Answer> =>
        call(filledPath(document, operation, named), { as });
      // What is under way answers by how far it has come.
      const shown = ({ status, body }: Answer) => ({ status, items: body?.items, id: body?.id, code: body?.code });
      const asGiven = await read(values);
      expect(asGiven.status, asGiven.text).not.toBe(422);
      expect(shown(await read(inCapitals(values)))).toEqual(shown(asGiven));
    },
  );
});

describe("a method that an address does not answer", () => {
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
  const addresses = [...new Set(operations.map(({ path }) => path))];

  it.each(addresses)("is a 405 for %s, with those it does answer", async (path) => {
    const own = operations.filter((operation) => operation.path === path);
    const answered = own.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    const address = filledPath(document, own[0]!, pathResources[path]?.unknown() ?? {});
    for (const method of methods.filter((one) => !answered.includes(one))) {
      const { status, headers, body } = await call(address, { method });
      expect([method, status, body?.code]).toEqual([method, 405, method === "HEAD" ? undefined : "method_not_allowed"]);
      expect(headers.get("allow")?.split(", ").toSorted(), method).toEqual(answered.toSorted());
    }
  });
});

describe("a slash at the end", () => {
  it.each(operations.map((operation) => [operation.title, operation] as const))(
    "leads to the same operation: %s",
    async (_title, operation) => {
      const values = pathResources[operation.path]?.unknown() ?? {};
      const [path = "", query] = filledPath(document, operation, values).split("?");
      const ask = (address: string): Promise<Answer> =>
        call(address + (query === undefined ? "" : `?${query}`), { method: operation.method });
      const [without, withSlash] = [await ask(path), await ask(`${path}/`)];
      const shown = ({ status, body }: Answer) => ({ status, ...body, request_id: "" });
      expect(shown(withSlash)).toEqual(shown(without));
    },
  );

  it("makes things, and says where they are, as without", async () => {
    const as = await makePerson({ group: "Admin" });
    const body = { email: `${crypto.randomUUID()}@example.com`, group: "Reviewer" };
    const made = await call("/api/etter/users/", { as, body });
    expect([made.status, made.headers.get("location")]).toEqual([201, `/api/etter/users/${made.body.id}`]);
    const items = (answer: Answer) => answer.body.items.length;
    expect(items(await call("/api/etter/users/", { as }))).toBe(items(await call("/api/etter/users", { as })));
  });
});

describe("a query with a field that nobody knows", () => {
  const asking = operations.filter(
    (operation) => needsPermission(operation) && operation.parameters.some((parameter) => parameter.in === "query"),
  );

  it.each(asking.map((operation) => [operation.title, operation] as const))(
    "is refused as a body would be: %s",
    async (_title, operation) => {
      const as = await makePerson({ group: tenantGroup(operation) });
      const path = filledPath(document, operation, pathResources[operation.path]?.unknown() ?? {});
      const misspelt = `${path}${path.includes("?") ? "&" : "?"}limmit=5`;
      const { status, body, text } = await call(misspelt, { as, method: operation.method });
      expect([status, body.errors], text).toEqual([422, [{ path: "limmit", message: "is not a known field" }]]);
    },
  );
});

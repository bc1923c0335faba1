import { describe, expect, it } from "vitest";
import { call, frontCalls } from "../support/workerd/api.ts";
import { makePerson, sessionOf, type Person } from "../support/workerd/factories.ts";
import {
  needsPermission,
  operationsOf,
  tenantGroup,
  type Operation,
} from "../support/workerd/openapi-fuzz/document.ts";
import { publishedDocument } from "../support/workerd/openapi-fuzz/published-document.ts";
import { filledPath } from "../support/workerd/openapi-fuzz/requests.ts";
import { pathResources } from "../support/workerd/openapi-fuzz/resources.ts";

const document = await publishedDocument();
/** Streams go on asking, by design: their own tests count. */
const isStream = ({ responses }: Operation): boolean => responses["200"]?.content?.["text/event-stream"] !== undefined;
const reads = operationsOf(document).filter(
  (operation) => needsPermission(operation) && operation.method.toUpperCase() === "GET" && !isStream(operation),
);

/** Whose thing is read: the caller's, or an Admin's of their company. */
const ownerFor = async (person: Person, operation: Operation): Promise<Person> =>
  operation["x-reach"] === "self" ? person : makePerson({ group: "Admin", companyId: person.companyId });

/** What the fronts count of a read of somebody who may, of a thing that is there. */
async function callsOf(operation: Operation): Promise<{ status: number; postgres: number; redis: number }> {
  const person = await makePerson({ group: tenantGroup(operation) });
  await sessionOf(person);
  const resource = pathResources[operation.path];
  const path = filledPath(document, operation, resource ? await resource.make(await ownerFor(person, operation)) : {});
  const requestId = crypto.randomUUID();
  const { status } = await call(path, { as: person, headers: { "X-Request-Id": requestId } });
  const { postgres, redis } = await frontCalls(requestId);
  return { status, postgres: postgres.length, redis: redis.length };
}

describe("a read of somebody who has signed in", () => {
  it.each(reads.map((operation) => [operation.title, operation] as const))(
    "%s asks Postgres once at most, and Redis once at most",
    async (_title, operation) => {
      // A Redis that has just started is first told the limiter's script: a round trip more, once.
      await callsOf(operation);
      const { status, postgres, redis } = await callsOf(operation);
      expect(status).toBeLessThan(500);
      expect([401, 403]).not.toContain(status);
      expect([postgres <= 1, redis <= 1], `${postgres} to Postgres, ${redis} to Redis`).toEqual([true, true]);
    },
  );
});

import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { createAccessTokens } from "../../src/platform/crypto/access-tokens.ts";
import { auditLog, sessions } from "../../src/platform/db/schema/index.ts";
import { groups, type Group } from "../../src/shared/access.ts";
import { call, callAsFunction, type Answer, type Call } from "../support/workerd/api.ts";
import {
  config,
  makeCompany,
  makePerson,
  makeSession,
  superuserDatabase,
  type Person,
} from "../support/workerd/factories.ts";
import {
  allowedGroups,
  isGuarded,
  needsPermission,
  operationsOf,
  tenantGroup,
  type Operation,
} from "../support/workerd/openapi-fuzz/document.ts";
import { publishedDocument } from "../support/workerd/openapi-fuzz/published-document.ts";
import { filledPath } from "../support/workerd/openapi-fuzz/requests.ts";
import { pathResources } from "../support/workerd/openapi-fuzz/resources.ts";
import { smallestBody } from "../support/workerd/openapi-fuzz/samples.ts";
import type { SessionId } from "../../src/shared/ids.ts";

const document = await publishedDocument();
const operations = operationsOf(document);
const guarded = operations.filter(isGuarded);
const byPermission = operations.filter(needsPermission);
const isParametrised = ({ parameters }: Operation): boolean =>
  parameters.some((parameter) => parameter.in === "path" || (parameter.in === "query" && parameter.required === true));
/** Finds a thing or not; a PUT that makes it, in the own company, knows no 404 (its own tests say so). */
const findsOne = (operation: Operation): boolean =>
  isParametrised(operation) && operation.responses["404"] !== undefined;
const titled = (list: readonly Operation[]) => list.map((operation) => [operation.title, operation] as const);

/** People of every group; those of one company share it. */
let people: Record<Group, Person>;
let stranger: Person;
beforeAll(async () => {
  const companyId = await makeCompany();
  const made = await Promise.all(
    groups.map((group) => makePerson(group === "Super Admin" ? { group } : { group, companyId })),
  );
  people = Object.fromEntries(made.map((person) => [person.group, person])) as Record<Group, Person>;
  stranger = await makePerson({ group: "Admin" });
});

/** Somebody of a tenant who may call the operation. */
const allowedPerson = (operation: Operation): Person => people[tenantGroup(operation)];

/** A call that is right in every respect, but for what `attack` changes. */
async function attempt(
  operation: Operation,
  attack: Call & { readonly pathParameters?: Record<string, string>; readonly query?: string },
): Promise<Answer> {
  const { pathParameters = pathResources[operation.path]?.unknown() ?? {}, query = "", ...rest } = attack;
  const body = smallestBody(document, operation);
  return call(withQuery(filledPath(document, operation, pathParameters), query), {
    method: operation.method,
    ...(body === undefined ? {} : { body }),
    ...rest,
  });
}

const withQuery = (path: string, query: string): string =>
  path + (path.includes("?") ? query.replace("?", "&") : query);

const bearer = (token: string): Call => ({ headers: { Authorization: `Bearer ${token}` } });

function expectRefusal(answer: Answer, status: number, code: string): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.body).toMatchObject({ status, code });
}

function expectUnauthorized(answer: Answer): void {
  expectRefusal(answer, 401, "unauthorized");
  expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
}

callAsFunction();

describe("the suite itself", () => {
  it("knows how to make a resource for every path with a parameter or a query that must be there, and for no other", () => {
    const parametrised = operations.filter(isParametrised).map(({ path }) => path);
    expect(Object.keys(pathResources).toSorted()).toEqual([...new Set(parametrised)].toSorted());
  });

  it("finds operations to attack", () => {
    expect(byPermission.length).toBeGreaterThanOrEqual(3);
    expect(guarded.length).toBeGreaterThan(byPermission.length);
  });
});

describe.each(titled(guarded))("%s refuses whoever does not sign in", (_title, operation) => {
  it.each([
    ["nothing", {}],
    ["garbage", bearer("garbage")],
    ["an empty token", { headers: { Authorization: "Bearer " } }],
    ["a token of three empty parts", bearer("..")],
    ["Basic", { headers: { Authorization: `Basic ${btoa("admin@demo.example:password")}` } }],
    ["a wrong secret", { headers: { "X-Admin-Secret": "a secret that is not the one at all" } }],
  ] as const)("with %s", async (_what, attack) => {
    expectUnauthorized(await attempt(operation, attack));
  });
});

describe.each(titled(byPermission))("%s", (_title, operation) => {
  const token = async (): Promise<string> => (await makeSession(allowedPerson(operation))).accessToken;

  it("takes a good token (so that the refusals below mean something)", async () => {
    const answer = await attempt(operation, bearer(await token()));
    expect([401, 403]).not.toContain(answer.status);
    expect(answer.status).toBeLessThan(500);
  });

  it("takes a token only in its header and only as Bearer", async () => {
    const good = await token();
    for (const scheme of ["Token", "JWT", "Basic", "DPoP", "Bearer:", "Bearer Bearer"])
      expectUnauthorized(await attempt(operation, { headers: { Authorization: `${scheme} ${good}` } }));
    expectUnauthorized(await attempt(operation, { headers: { Authorization: good } }));
    for (const name of ["access_token", "token", "bearer", "authorization"])
      expectUnauthorized(await attempt(operation, { query: `?${name}=${good}` }));
    expectUnauthorized(await attempt(operation, { headers: { Cookie: `access_token=${good}; token=${good}` } }));
    expectUnauthorized(await attempt(operation, { headers: { "X-Access-Token": good } }));
    if (operation.requestBody !== undefined)
      expectUnauthorized(await attempt(operation, { body: { access_token: good } }));
  });

  it("refuses an expired token of a live session", async () => {
    const { accessToken } = await makeSession(allowedPerson(operation), {
      at: new Date(Date.now() - 24 * 3_600_000),
      seconds: 48 * 3_600,
    });
    expectUnauthorized(await attempt(operation, bearer(accessToken)));
  });

  it("refuses a live token of an expired session", async () => {
    const { accessToken } = await makeSession(allowedPerson(operation), {
      at: new Date(Date.now() - 600_000),
      seconds: 300,
    });
    expectUnauthorized(await attempt(operation, bearer(accessToken)));
  });

  it("refuses the very next call after its session ended", async () => {
    const { accessToken, sessionId } = await makeSession(allowedPerson(operation));
    expect((await attempt(operation, bearer(accessToken))).status).not.toBe(401);
    await superuserDatabase()
      .update(sessions)
      .set({ endedAt: new Date(), endReason: "logout" })
      .where(eq(sessions.id, sessionId));
    expectUnauthorized(await attempt(operation, bearer(accessToken)));
  });

  it("refuses a token that names a session which is not its user's, or none, or another company", async () => {
    const me = allowedPerson(operation);
    const tokens = createAccessTokens(config.tokens, config.publicUrl);
    const colleague = await makePerson({ group: me.group, companyId: me.companyId });
    const [mine, colleagues, strangers] = await Promise.all([
      makeSession(me),
      makeSession(colleague),
      makeSession(stranger),
    ]);
    const forged = [
      { ...me, sessionId: colleagues.sessionId },
      { ...me, sessionId: strangers.sessionId },
      { ...me, sessionId: crypto.randomUUID() as SessionId },
      { ...me, sessionId: mine.sessionId, companyId: stranger.companyId },
      { ...me, sessionId: mine.sessionId, userId: colleague.userId },
    ];
    for (const actor of forged) {
      const { token: signed } = await tokens.issue(actor, new Date(), crypto.randomUUID());
      expectUnauthorized(await attempt(operation, bearer(signed)));
    }
  });
});

const refusedGroups = (operation: Operation): readonly Group[] =>
  groups.filter((group) => !allowedGroups(operation).includes(group));

describe.each(titled(byPermission.filter((operation) => refusedGroups(operation).length > 0)))(
  "%s",
  (_title, operation) => {
    it("knows nobody by a session that has ended, of a group that may not call it either, and writes nothing down", async () => {
      const somebody = await makePerson({ group: refusedGroups(operation)[0]! });
      const { accessToken, sessionId } = await makeSession(somebody);
      expectRefusal(await attempt(operation, bearer(accessToken)), 403, "forbidden");
      const db = superuserDatabase();
      await db.update(sessions).set({ endedAt: new Date(), endReason: "logout" }).where(eq(sessions.id, sessionId));
      expectUnauthorized(await attempt(operation, bearer(accessToken)));
      const lines = await db.select().from(auditLog).where(eq(auditLog.actorUserId, somebody.userId));
      expect(lines.map(({ action }) => action)).toEqual(["access.refused"]);
    });
  },
);

describe.each(titled(byPermission.filter(findsOne)))("%s", (_title, operation) => {
  it("answers for another company's thing as for one that does not exist, whoever asks", async () => {
    const resource = pathResources[operation.path]!;
    const owner = people["Admin"];
    const things = await resource.make(owner);
    // Made by the same factory as the stranger's view of it: the owner does see it.
    expect((await attempt(operation, { as: owner, pathParameters: things })).status).not.toBe(404);
    for (const group of allowedGroups(operation).filter((name) => name !== "Super Admin")) {
      const outsider = await makePerson({ group });
      const foreign = await attempt(operation, { as: outsider, pathParameters: things });
      const unknown = await attempt(operation, { as: outsider, pathParameters: resource.unknown() });
      expectRefusal(foreign, 404, "not_found");
      const comparable = ({ status, body }: Answer) => ({ status, ...body, request_id: "", instance: "" });
      expect(comparable(foreign)).toEqual(comparable(unknown));
      expect([...foreign.headers.keys()]).toEqual([...unknown.headers.keys()]);
    }
  });
});

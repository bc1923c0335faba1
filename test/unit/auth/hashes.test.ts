import { describe, expect, it } from "vitest";
import { createAuthService, type AuthDependencies } from "../../../src/features/auth/index.ts";
import { digests } from "../../../src/platform/crypto/digests.ts";
import type { AuditEntry } from "../../../src/shared/audit.ts";
import type { CompanyId, SessionId, UserId } from "../../../src/shared/ids.ts";
import { formatMailedToken } from "../../../src/shared/mailed-token.ts";
import type { MailDraft } from "../../../src/shared/mail.ts";
import type { UserProfile } from "../../../src/features/users/index.ts";

const companyId = "11111111-1111-4111-8111-111111111111" as CompanyId;
const userId = "22222222-2222-4222-8222-222222222222" as UserId;
const password = "three unlikely words together";
const account = { userId, companyId, passwordHash: "stored", passwordVersion: 1, isActive: true };
const profile = { id: userId, group: "Reviewer", company: { id: companyId } } as unknown as UserProfile;

/** Throws the name of whatever nobody has stubbed. */
const only = <T extends object>(what: string, stubs: Partial<T>): T =>
  new Proxy(stubs, {
    get(target, name) {
      if (name in target) return target[name as keyof typeof target];
      throw new Error(`${what}.${String(name)} was not expected`);
    },
  }) as T;

/** The service on stubs, and how many hashes it has made. */
function service({
  accounts = {},
  limited = false,
  needsRehash = false,
  changes = false,
}: {
  accounts?: Partial<AuthDependencies["accounts"]>;
  limited?: boolean;
  needsRehash?: boolean;
  /** The account, between its look-up and the session. */
  changes?: boolean;
}) {
  const derivations: string[] = [];
  const refusals: (string | undefined)[] = [];
  const recordRefusal = async ({ reason }: AuditEntry) => void refusals.push(reason);
  let ids = 0;
  const deps: AuthDependencies = {
    accounts: only<AuthDependencies["accounts"]>("accounts", { recordRefusal, ...accounts }),
    sessions: only<AuthDependencies["sessions"]>("sessions", {
      openSession: async () => (changes ? undefined : profile),
    }),
    registrations: only<AuthDependencies["registrations"]>("registrations", { register: async () => undefined }),
    gate: only<AuthDependencies["gate"]>("gate", { askAbout: async () => undefined, bar: async () => undefined }),
    hasher: {
      async hash(given) {
        derivations.push(given);
        return "hashed";
      },
      async verify(given, phc) {
        derivations.push(given);
        return { matches: phc !== null && given === password, needsRehash };
      },
    },
    tokens: only<AuthDependencies["tokens"]>("tokens", { issue: async () => ({ token: "signed", expiresIn: 1 }) }),
    digests,
    mails: { compose: async (draft: MailDraft) => ({ ...draft, id: `${(ids += 1)}`, sealedToken: null }) },
    limiter: {
      consume: async (rules) =>
        rules.map(({ policy }) => ({ policy, allowed: !limited, remaining: 0, resetSeconds: 1 })),
    },
    clock: { now: () => new Date("2026-11-22T09:00:00Z") },
    random: { uuid: () => userId, bytes: (length) => new Uint8Array(length) },
    origin: { requestId: "test-request", ip: "203.0.113.7", userAgent: undefined },
    adminSecret: "s".repeat(32),
    refreshSeconds: 60,
    sessionSeconds: 60,
  };
  return { auth: createAuthService(deps), derivations, refusals };
}
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? "failed",
  );

describe("a sign-in makes exactly one hash", () => {
  it.each([
    ["that is right", account, password, "done"],
    ["with a wrong password", account, "not the right one", "invalid_credentials"],
    ["to an unknown address", undefined, password, "invalid_credentials"],
    ["to an account without a password", { ...account, passwordHash: null }, password, "invalid_credentials"],
    ["to a deactivated account", { ...account, isActive: false }, password, "invalid_credentials"],
  ])("%s", async (_what, found, given, expected) => {
    const { auth, derivations } = service({ accounts: { findLogin: async () => found } });
    expect(await outcome(auth.login({ email: "somebody@example.com", password: given }))).toBe(expected);
    expect(derivations).toEqual([given]);
  });

  it("and a second one for the store, when the parameters of the first are old and it is right", async () => {
    const accounts = { findLogin: async () => account };
    const right = service({ accounts, needsRehash: true });
    expect(await outcome(right.auth.login({ email: "somebody@example.com", password }))).toBe("done");
    expect(right.derivations).toEqual([password, password]);
    const wrong = service({ accounts, needsRehash: true });
    expect(await outcome(wrong.auth.login({ email: "somebody@example.com", password: "wrong" }))).toBe(
      "invalid_credentials",
    );
    expect(wrong.derivations).toEqual(["wrong"]);
  });

  it("also when the account changes meanwhile, which is refused and written down like a wrong password", async () => {
    const changed = service({ accounts: { findLogin: async () => account }, changes: true });
    expect(await outcome(changed.auth.login({ email: "somebody@example.com", password }))).toBe("invalid_credentials");
    expect([changed.derivations, changed.refusals]).toEqual([[password], ["invalid_credentials"]]);
  });

  it("and none when the limiter refuses it", async () => {
    const { auth, derivations } = service({ limited: true });
    expect(await outcome(auth.login({ email: "somebody@example.com", password }))).toBe("rate_limited");
    expect(derivations).toEqual([]);
  });
});

const person = { email: "founder@example.com", password, firstName: "Sam", lastName: "Founder", companyName: "Acme" };

describe("a registration makes exactly one hash, before anybody knows whether the address is taken", () => {
  it("taken or not", async () => {
    // The one statement that decides gets the hash: there is no other look-up, `accounts` would throw.
    const { auth, derivations } = service({});
    expect(await outcome(auth.register(person))).toBe("done");
    expect(derivations).toEqual([password]);
  });

  it("and none when it is limited or the password will not do", async () => {
    const limited = service({ limited: true });
    expect(await outcome(limited.auth.register(person))).toBe("rate_limited");
    const weak = service({});
    expect(await outcome(weak.auth.register({ ...person, password: "short" }))).toBe("validation_failed");
    expect([...limited.derivations, ...weak.derivations]).toEqual([]);
  });
});

const names = { firstName: "Sam", lastName: "Invited" };

describe("a password that is set costs exactly one hash, and one more for each that is compared", () => {
  const holder = { email: "somebody@example.com", companyName: "Acme" };
  const token = (purpose: "invite" | "reset") =>
    formatMailedToken(purpose, { companyId, subjectId: userId, secret: new Uint8Array(32) });

  it.each(["done", "not_good"] as const)("by a mailed token (%s)", async (accepted) => {
    const expected = accepted === "done" ? "done" : "token_invalid";
    const { auth, derivations } = service({
      accounts: {
        findTokenHolder: async () => holder,
        acceptInvitation: async () => accepted,
        resetPassword: async () => (accepted === "done" ? [] : undefined),
      },
    });
    expect(await outcome(auth.acceptInvitation({ token: token("invite"), password, ...names }))).toBe(expected);
    expect(derivations).toEqual([password]);
    expect(await outcome(auth.resetPassword({ token: token("reset"), password }))).toBe(expected);
    expect(derivations).toEqual([password, password]);
  });

  it("by who knows the present one, and by nobody else", async () => {
    const known = { ...holder, passwordHash: "stored", passwordVersion: 1, sessionCreatedAt: new Date(0) };
    const actor = { userId, companyId, sessionId: userId as unknown as SessionId, group: "Reviewer" as const };
    const next = "another that nobody guesses";
    const change = async (current: string, wanted: string) => {
      const accounts = { getPassword: async () => known, changePassword: async () => ({ ended: [], user: profile }) };
      const { auth, derivations } = service({ accounts });
      return [await outcome(auth.changePassword(actor, { current, next: wanted })), derivations];
    };
    expect(await change(password, next)).toEqual(["done", [password, next]]);
    expect(await change("wrong", next)).toEqual(["validation_failed", ["wrong"]]);
    expect(await change(password, "short")).toEqual(["validation_failed", []]);
  });

  it("by the holder of the admin secret, once", async () => {
    const bootstrap = async (there: boolean) => {
      const accounts = { hasSuperAdmin: async () => there, createFirstSuperAdmin: async () => profile };
      const { auth, derivations } = service({ accounts });
      return [await outcome(auth.bootstrap({ email: "owner@example.com", password, ...names })), derivations];
    };
    expect(await bootstrap(false)).toEqual(["done", [password]]);
    expect(await bootstrap(true)).toEqual(["bootstrap_closed", []]);
  });
});

describe("a mailed token that is not good costs no hash", () => {
  const token = (purpose: "invite" | "reset") =>
    formatMailedToken(purpose, { companyId, subjectId: userId, secret: new Uint8Array(32) });

  it.each([
    ["limited", { limited: true }, "rate_limited"],
    ["unknown", { accounts: { findTokenHolder: async () => undefined } }, "token_invalid"],
  ])("%s", async (_what, options, expected) => {
    const { auth, derivations } = service(options);
    expect(await outcome(auth.resetPassword({ token: token("reset"), password }))).toBe(expected);
    expect(await outcome(auth.acceptInvitation({ token: token("invite"), password, ...names }))).toBe(expected);
    expect(derivations).toEqual([]);
  });

  it("nor does one that is spelled wrongly, nor asking for a reset", async () => {
    const { auth, derivations } = service({ accounts: { findLogin: async () => undefined } });
    expect(await outcome(auth.resetPassword({ token: token("invite"), password }))).toBe("token_invalid");
    expect(await outcome(auth.verifyEmail("rubbish"))).toBe("token_invalid");
    expect(await outcome(auth.forgotPassword("somebody@example.com"))).toBe("done");
    expect(await outcome(auth.refresh("rubbish"))).toBe("unauthorized");
    expect(derivations).toEqual([]);
  });
});

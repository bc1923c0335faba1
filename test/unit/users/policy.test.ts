import { describe, expect, it } from "vitest";
import { belongs, groupsWithin, keeperGroup, refusalOf } from "../../../src/features/users/policy.ts";
import { groups, type Actor } from "../../../src/shared/access.ts";
import { platformCompanyId, type CompanyId, type SessionId, type UserId } from "../../../src/shared/ids.ts";

const tenant = "8e2a1d8e-1f0a-4a56-9f0a-5a1f0b9b7c11" as CompanyId;
const other = "8e2a1d8e-1f0a-4a56-9f0a-5a1f0b9b7c12" as CompanyId;
const somebody = "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10" as UserId;
const actorOf = (group: Actor["group"]): Actor => ({
  userId: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a11" as UserId,
  companyId: group === "Super Admin" ? platformCompanyId : tenant,
  sessionId: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a12" as SessionId,
  group,
});

describe("the ceiling", () => {
  it("each group reaches itself and those below, and no other", () => {
    for (const [index, group] of groups.entries()) {
      expect(groupsWithin(group)).toEqual(groups.slice(index));
      for (const wanted of groups) {
        const refusal = refusalOf(actorOf(group), { id: somebody, group: wanted });
        expect(refusal).toBe(groups.indexOf(wanted) < index ? "group_above_own" : undefined);
      }
    }
  });

  it("nobody changes their own group; saying the present one is no change", () => {
    for (const group of groups)
      for (const wanted of groupsWithin(group)) {
        const actor = actorOf(group);
        expect(refusalOf(actor, { id: actor.userId, group: wanted })).toBe(wanted === group ? undefined : "own_group");
      }
  });

  it("only Super Admins reach another company", () => {
    for (const group of groups) {
      expect(refusalOf(actorOf(group), { companyId: other })).toBe(
        group === "Super Admin" ? undefined : "other_company",
      );
      expect(refusalOf(actorOf(group), { companyId: actorOf(group).companyId })).toBeUndefined();
    }
  });
});

it("Super Admins belong to the platform company, and nobody else does; each company has a keeper", () => {
  for (const group of groups) {
    expect(belongs(group, platformCompanyId)).toBe(group === "Super Admin");
    expect(belongs(group, tenant)).toBe(group !== "Super Admin");
  }
  expect([keeperGroup(platformCompanyId), keeperGroup(tenant)]).toEqual(["Super Admin", "Admin"]);
});

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { validationProblem } from "../../../src/http/field-errors.ts";
import { holdersOf } from "../../../src/shared/access.ts";

const schema = z.strictObject({
  name: z.string().min(1).max(5),
  months: z.int().min(12).max(240),
  model: z.enum(["classic", "conserving"]).optional(),
  roles: z.array(z.string()).min(1).max(2),
  id: z.uuid().optional(),
  code: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be three capitals")
    .optional(),
  tag: z.string().regex(/^x/).optional(),
  share: z.number().gt(0).lte(1).optional(),
  at: z.iso.datetime().optional(),
});
const good = { name: "Acme", months: 48, roles: ["Engineer"] };
const refusalOf = (input: unknown) => validationProblem(schema.safeParse(input).error!);

describe("a field that is refused", () => {
  it.each([
    [{ ...good, name: "" }, "name: must not be empty."],
    [{ ...good, name: "Acme Inc" }, "name: may have at most 5 characters."],
    [{ ...good, name: 1 }, "name: must be a string."],
    [{ ...good, months: 11 }, "months: must be at least 12."],
    [{ ...good, months: 241 }, "months: must be at most 240."],
    [{ ...good, months: 12.5 }, "months: must be a whole number."],
    [{ ...good, model: "other" }, "model: must be one of classic, conserving."],
    [{ ...good, roles: [] }, "roles: must not be empty."],
    [{ ...good, roles: ["a", "b", "c"] }, "roles: may have at most 2 entries."],
    [{ ...good, roles: [1] }, "roles[0]: must be a string."],
    [{ ...good, id: "1" }, "id: must be a UUID."],
    [{ ...good, code: "eur" }, "code: must be three capitals."],
    [{ ...good, tag: "y" }, "tag: does not have the form it must have."],
    [{ ...good, share: 0 }, "share: must be more than 0."],
    [{ ...good, at: "today" }, "at: must be a date and time such as 2026-01-31T12:00:00Z."],
    [[], "body: must be an object."],
  ])("is named with its rule: %j", (input, detail) => {
    expect(refusalOf(input).detail).toBe(detail);
  });

  it("is named once, with the first rule it breaks", () => {
    const strict = z.strictObject({
      name: z
        .string()
        .min(1)
        .refine((value) => value.trim() !== "", "must contain more than blanks"),
      at: z.iso.datetime().refine((value) => new Date(value).getTime() > 0, "must be after 1970"),
    });
    const { detail, errors } = validationProblem(strict.safeParse({ name: "", at: "today" }).error!);
    expect(errors).toEqual([
      { path: "name", message: "must not be empty" },
      { path: "at", message: "must be a date and time such as 2026-01-31T12:00:00Z" },
    ]);
    expect(detail).toBe("name: must not be empty. 1 more under errors.");
  });

  it("is the first of several, a misspelt one before all that it makes wrong", () => {
    expect(refusalOf({}).detail).toBe("name: is missing. 2 more under errors.");
    const { months: _, ...rest } = good;
    expect(refusalOf({ ...rest, month: 48 }).detail).toBe("month: is not a known field. 1 more under errors.");
  });
});

it("who holds a permission is said in words", () => {
  expect(holdersOf("companies:manage")).toBe("Super Admin");
  expect(holdersOf("users:write")).toBe("Super Admin or Admin");
  expect(holdersOf("roles:write")).toBe("Super Admin, Admin or Researcher");
});

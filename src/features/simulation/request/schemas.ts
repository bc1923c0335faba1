import { z } from "@hono/zod-openapi";
import { label, text } from "../../../shared/text.ts";
import { inputLimits as limits } from "../limits.ts";
import { workloadsSchema } from "../roles/workload-schemas.ts";
import { currencies } from "./currencies.ts";

const fraction = (description: string) => z.number().min(0).max(1).openapi({ description });

const roleSchema = z
  .strictObject({
    role: label(limits.roleNameLength),
    count: z.number().int().min(1).max(limits.peoplePerRole).openapi({ description: "People." }),
    salary: z.number().positive().max(limits.largestSalary).openapi({ description: "Yearly pay of one of them." }),
    workloads: workloadsSchema.optional(),
  })
  .openapi("Role");

export const inputFields = {
  company: text(limits.companyLength).openapi({
    description: "A label; also selects the company's own role catalogue.",
  }),
  n_iterations: z.number().int().min(limits.iterations.min).max(limits.iterations.max),
  automation_factor: fraction("How eagerly people learn to automate, and how often the firm acts on it."),
  learn_factor: fraction("The learning half of the factor; the factor itself unless given.").optional(),
  act_factor: fraction("The reducing half of the factor; the factor itself unless given.").optional(),
  roles: z.array(roleSchema).min(limits.roles.min).max(limits.roles.max),
  n_months: z.number().int().min(limits.months.min).max(limits.months.max).default(limits.months.default),
  model: z.enum(["classic", "conserving"]).default("classic").openapi({
    description:
      "`classic`: the older system's rules, exactly. `conserving`: the same with its three flaws mended (capacity counted twice; more work taken over than there was; nobody fully automated has any capacity).",
  }),
  oversight: z
    .number()
    .min(limits.oversight.min)
    .max(limits.oversight.max)
    .optional()
    .openapi({
      description: `Model conserving: share of an automated workload's time that supervising it takes; ${limits.oversight.default} unless told.`,
    }),
  seed: z
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .openapi({ description: "Drawn and reported when absent." }),
  name: label(limits.nameLength).optional(),
  currency: z
    .enum(currencies, { error: "must be a code of ISO 4217 that is in use, such as EUR" })
    .optional()
    .openapi({ description: "ISO 4217; echoed, no arithmetic." }),
  starts_on: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, "must be a month such as 2026-01")
    .optional()
    .openapi({ description: "YYYY-MM; echoed, no arithmetic." }),
};

/** What one field cannot say by itself. */
export function checkInput(
  { roles, model, oversight }: Pick<z.infer<z.ZodObject<typeof inputFields>>, "roles" | "model" | "oversight">,
  context: z.RefinementCtx,
): void {
  if (model === "classic" && oversight !== undefined)
    context.addIssue({ code: "custom", path: ["oversight"], message: "is for the model conserving only" });
  const seen = new Set<string>();
  for (const [index, { role }] of roles.entries()) {
    // However its letters are composed it reads the same, and the catalogue takes it for the same.
    const composed = role.normalize("NFC");
    if (seen.has(composed))
      context.addIssue({ code: "custom", path: ["roles", index, "role"], message: "must be unique in the request" });
    seen.add(composed);
  }
  if (roles.reduce((sum, { count }) => sum + count, 0) > limits.peopleInAll)
    context.addIssue({
      code: "custom",
      path: ["roles"],
      message: `must have at most ${limits.peopleInAll} people in all`,
    });
}

export const simulationInputSchema = z
  .strictObject(inputFields)
  .superRefine(checkInput)
  .openapi("SimulationInput", {
    example: {
      company: "Acme",
      n_iterations: 200,
      automation_factor: 0.5,
      roles: [
        { role: "Engineer", count: 50, salary: 80_000 },
        { role: "Marketing", count: 100, salary: 70_000 },
      ],
      n_months: 48,
      seed: 7071,
      name: "Four years at a moderate pace",
    },
  });

export type SimulationInput = z.infer<typeof simulationInputSchema>;

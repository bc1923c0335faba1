import { z } from "@hono/zod-openapi";
import { label, text } from "../../../shared/text.ts";
import { inputLimits as limits } from "../limits.ts";

export const workloadSchema = z
  .strictObject({
    Name: label(limits.workloadNameLength),
    Type: z
      .enum(["Auto", "Non-Auto"])
      .openapi({ description: "`Auto` could run by itself; `Non-Auto` needs a person." }),
    Skill: z
      .number()
      .min(0)
      .max(limits.largestSkill)
      .openapi({ description: "Knowledge needed before it runs by itself." }),
    Time: z
      .number()
      .min(0)
      .max(limits.largestTime)
      .refine((time) => time === 0 || time >= limits.smallestTime, `must be 0 or at least ${limits.smallestTime}`)
      .openapi({ description: "Share of the role's working time. Shares need not add up to 1.", example: 0.5 }),
    Reason: text(2_000).optional(),
  })
  .openapi("Workload", { example: { Name: "Write code", Type: "Auto", Skill: 0.9, Time: 0.5 } });

const takesTime = (workloads: readonly { Time: number }[]): boolean => workloads.some(({ Time }) => Time > 0);

export const workloadsSchema = z
  .array(workloadSchema)
  .min(limits.workloads.min)
  .max(limits.workloads.max)
  .refine(takesTime, "must take some time: at least one Time above 0");

export type Workload = z.infer<typeof workloadSchema>;

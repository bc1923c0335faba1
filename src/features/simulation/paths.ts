import { compileScenario, createRunner, iterationPath, ORGANISATION_METRICS, ROLE_METRICS } from "./engine/index.ts";
import { engineInputOf } from "./coordinator.ts";
import { AppError } from "../../shared/errors.ts";
import { maxPathIterations } from "./limits.ts";
import type { SimulationRequest } from "./repository.ts";

/** One future of a run: a number a Step for each metric asked for. */
export interface FuturePath {
  readonly iteration: number;
  readonly columns: Record<string, number[]>;
}

const invalid = (path: string, message: string): AppError =>
  new AppError("validation_failed", `${path}: ${message}.`, { errors: [{ path, message }] });

/** `0-19`, `3,7,10-12` → the iterations, ascending, each once. @throws AppError `validation_failed` */
export function parseIterations(text: string, iterations: number): number[] {
  const wanted = new Set<number>();
  for (const part of text.split(",")) {
    const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part.trim()) ?? [];
    if (from === undefined || Number(to) < Number(from))
      throw invalid("iterations", "must be numbers and ranges such as 0-19 or 3,7,10-12");
    if (Number(to) >= iterations) throw invalid("iterations", `must be below ${iterations}, the run's n_iterations`);
    if (Number(to) - Number(from) >= maxPathIterations) throw tooMany();
    for (let iteration = Number(from); iteration <= Number(to); iteration += 1) wanted.add(iteration);
    if (wanted.size > maxPathIterations) throw tooMany();
  }
  return [...wanted].toSorted((a, b) => a - b);
}

const tooMany = (): AppError => invalid("iterations", `must be at most ${maxPathIterations} iterations a call`);

/** The metrics of a run: the organisation's names bare, a role's with its name in front. */
function metricNames(request: SimulationRequest): Map<string, { role: number | undefined; metric: string }> {
  const names = new Map<string, { role: number | undefined; metric: string }>();
  for (const metric of ORGANISATION_METRICS) names.set(metric, { role: undefined, metric });
  for (const [role, { role: name }] of request.workloads.entries())
    for (const metric of ROLE_METRICS) names.set(`${name}_${metric}`, { role, metric });
  return names;
}

/**
 * Single futures, computed again: an iteration is a pure function of the run's input, seed and its index.
 * @throws AppError `validation_failed` for a metric the run does not have
 */
export function futurePaths(
  request: SimulationRequest,
  iterations: readonly number[],
  metrics: readonly string[],
): FuturePath[] {
  const known = metricNames(request);
  const wanted = metrics.map((name) => {
    const found = known.get(name);
    if (found === undefined) throw invalid("metrics", "names a metric that this run does not have");
    return { name, ...found };
  });
  const scenario = compileScenario(engineInputOf(request));
  const runner = createRunner(scenario);
  return iterations.map((iteration) => {
    const path = iterationPath(scenario, runner, iteration);
    const seriesOf = ({ role, metric }: { role: number | undefined; metric: string }): Float64Array | undefined =>
      (role === undefined ? path.organisation : path.roles[role])?.[metric as never];
    return { iteration, columns: Object.fromEntries(wanted.map((w) => [w.name, [...(seriesOf(w) ?? [])]])) };
  });
}

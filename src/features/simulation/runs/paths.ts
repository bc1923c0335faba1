import { AppError } from "../../../shared/errors.ts";
import {
  compileScenario,
  createRunner,
  iterationPath,
  ORGANISATION_METRICS,
  ROLE_METRICS,
  workPerIteration,
} from "../engine/index.ts";
import { defaultPathIterations, maxPathIterations, maxPathMetrics, maxPathWorkUnits } from "../limits.ts";
import { engineInputOf } from "../request/engine-input.ts";
import type { SimulationRequest } from "../request/simulation-request.ts";

/** One future of a run: a number a Step for each metric asked for. */
export interface FuturePath {
  readonly iteration: number;
  readonly columns: Record<string, number[]>;
}

export interface WantedPaths {
  /** As in `0-19` or `3,7`; unless told, the first few. */
  readonly iterations?: string | undefined;
  /** With commas between. */
  readonly metrics: string;
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

/** Splits at commas, but for those inside a role's name. @throws AppError `validation_failed` */
function parseMetrics(text: string, known: ReadonlyMap<string, unknown>): string[] {
  const names: string[] = [];
  let name = "";
  for (const piece of text.split(",")) {
    name = name === "" ? piece.trimStart() : `${name},${piece}`;
    if (!known.has(name.trimEnd())) continue;
    names.push(name.trimEnd());
    name = "";
  }
  if (name !== "") throw invalid("metrics", "names a metric that this run does not have");
  if (names.length > maxPathMetrics) throw invalid("metrics", `must be at most ${maxPathMetrics} metrics a call`);
  return names;
}

/**
 * Single futures, computed again: an iteration is a pure function of the run's input, seed and its index.
 * @throws AppError `validation_failed` for iterations and metrics the run does not have, `over_budget`
 */
export function futurePaths(request: SimulationRequest, wanted: WantedPaths): FuturePath[] {
  const known = metricNames(request);
  const first = `0-${Math.min(defaultPathIterations, request.iterations) - 1}`;
  const iterations = parseIterations(wanted.iterations ?? first, request.iterations);
  const metrics = parseMetrics(wanted.metrics, known);
  const scenario = compileScenario(engineInputOf(request));
  const affordable = Math.floor(maxPathWorkUnits / workPerIteration(scenario));
  if (iterations.length > affordable)
    throw new AppError(
      "over_budget",
      `Futures of this run are large: ask for at most ${Math.max(1, affordable)} a call.`,
      {
        errors: [{ path: "iterations", message: "are too many for a run of this size" }],
      },
    );
  const runner = createRunner(scenario);
  return iterations.map((iteration) => {
    const path = iterationPath(scenario, runner, iteration);
    const seriesOf = (name: string): number[] => {
      const { role, metric } = known.get(name) ?? {};
      const columns: Readonly<Record<string, Float64Array>> =
        role === undefined ? path.organisation : (path.roles[role] ?? {});
      return [...(columns[metric ?? ""] ?? [])];
    };
    return { iteration, columns: Object.fromEntries(metrics.map((name) => [name, seriesOf(name)])) };
  });
}

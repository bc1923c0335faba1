import { ORGANISATION_METRICS, readQuantiles, ROLE_METRICS } from "../engine/index.ts";
import type { Accumulator, EngineResult, MetricSeries, Scenario } from "../engine/index.ts";
import { quantileKeys, type QuantileKey } from "./quantiles.ts";

const statistics = ["mean", "min", "max"] as const;

/** `{metric_statistic: one number a Step}`. Part 0 is the organisation, parts 1 … R the roles in request order. */
export type SeriesPart = Record<string, number[]>;

export const seriesOf = (result: EngineResult): SeriesPart[] => [
  columnsOf(ORGANISATION_METRICS, result.organisation),
  ...result.roles.map((role) => columnsOf(ROLE_METRICS, role)),
];

function columnsOf<Metric extends string>(metrics: readonly Metric[], from: Record<Metric, MetricSeries>): SeriesPart {
  return Object.fromEntries(
    metrics.flatMap((metric) =>
      statistics.map((statistic) => [`${metric}_${statistic}`, [...from[metric][statistic]]] as const),
    ),
  );
}

const probabilityOf = (key: QuantileKey): number => Number(key.slice(1)) / 100;

/**
 * Every kept quantile of a finished run, `{metric_p5: one number a Step}` by part: the organisation first, then the
 * roles in request order, or no roles where memory did not allow counters for them.
 */
export function quantilesOf(scenario: Scenario, sums: Accumulator, result: EngineResult): SeriesPart[] {
  const parts: SeriesPart[] = [];
  for (const key of quantileKeys) {
    const { organisation, roles = [] } = readQuantiles(scenario, sums, result, probabilityOf(key));
    addColumns((parts[0] ??= {}), ORGANISATION_METRICS, organisation, key);
    for (const [index, role] of roles.entries()) addColumns((parts[index + 1] ??= {}), ROLE_METRICS, role, key);
  }
  return parts;
}

function addColumns<Metric extends string>(
  part: SeriesPart,
  metrics: readonly Metric[],
  from: Record<Metric, Float64Array>,
  key: QuantileKey,
): void {
  for (const metric of metrics) part[`${metric}_${key}`] = [...from[metric]];
}

/** A column as clients see it: its key, and one number a Step. */
type Column = readonly [key: string, values: readonly number[]];

/** The results of a run, as far as they are asked for. */
export interface RunSeries {
  readonly parts: readonly SeriesPart[];
  /** In request order. */
  readonly roles: readonly string[];
  readonly quantiles: readonly QuantileKey[];
}

/**
 * Every column in the order that the API promises: the organisation's keys bare, then each role's with its name in
 * front. A part may have no quantiles.
 */
export function columnsOfRun({ parts, roles, quantiles }: RunSeries): Column[] {
  return parts.flatMap((part, index) => {
    const prefix = index === 0 ? "" : `${roles[index - 1]}_`;
    const metrics: readonly string[] = index === 0 ? ORGANISATION_METRICS : ROLE_METRICS;
    const keys = metrics.flatMap((metric) => [...statistics, ...quantiles].map((suffix) => `${metric}_${suffix}`));
    return keys.flatMap((key): Column[] => (part[key] === undefined ? [] : [[prefix + key, part[key]]]));
  });
}

/**
 * One JSON object a Step, as text: flat keys, `Step` first. Text and not objects, one row after the other, because a
 * large run has a hundred megabytes of them.
 */
export function* stepRows(series: RunSeries): Generator<string> {
  const columns = withJsonKeys(columnsOfRun(series));
  const steps = columns[0]?.[1].length ?? 0;
  for (let step = 0; step < steps; step += 1) yield rowText(`"Step":${step}`, columns, (values) => values[step] ?? 0);
}

const monthsPerYear = 12;

/** For year y = 1 … ⌊N/12⌋ and every key: its value at Step 12y minus its value at Step 12(y−1), as JSON text. */
export function* yearRows(series: RunSeries, months: number): Generator<string> {
  const columns = withJsonKeys(columnsOfRun(series));
  const years = columns.length === 0 ? 0 : Math.floor(months / monthsPerYear);
  for (let year = 1; year <= years; year += 1) {
    const [from, to] = [monthsPerYear * (year - 1), monthsPerYear * year];
    yield rowText(`"Year":${year}`, columns, (values) => (values[to] ?? 0) - (values[from] ?? 0));
  }
}

/** Each key is escaped once, not once a row. */
const withJsonKeys = (columns: readonly Column[]): Column[] =>
  columns.map(([key, values]) => [`${JSON.stringify(key)}:`, values]);

/** `{columns: {key: [one number a Step]}}`, `Step` first, as JSON text in pieces. No columns before there are results. */
export function* columnTexts(series: RunSeries): Generator<string> {
  yield '{"columns":{';
  const columns = withJsonKeys(columnsOfRun(series));
  const steps = columns[0]?.[1].keys() ?? [];
  if (columns.length > 0) yield `"Step":[${[...steps].join(",")}]`;
  for (const [key, values] of columns) yield `,${key}[${values.join(",")}]`;
  yield "}}";
}

function rowText(first: string, columns: readonly Column[], valueOf: (values: readonly number[]) => number): string {
  let text = `{${first}`;
  for (const [key, values] of columns) text += `,${key}${valueOf(values)}`;
  return `${text}}`;
}

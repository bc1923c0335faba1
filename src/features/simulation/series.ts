import { ORGANISATION_METRICS, ROLE_METRICS, type EngineResult, type MetricSeries } from "./engine/index.ts";

const statistics = ["mean", "min", "max"] as const;

/** `{metric_statistic: one number a Step}`. Part 0 is the organisation, parts 1 … R the roles in request order. */
export type SeriesPart = Record<string, number[]>;
export type Row = Record<string, number>;

export const seriesOf = (result: EngineResult): SeriesPart[] => [
  columnsOf(ORGANISATION_METRICS, result.organisation),
  ...result.roles.map((role) => columnsOf(ROLE_METRICS, role)),
];

function columnsOf<Metric extends string>(metrics: readonly Metric[], from: Record<Metric, MetricSeries>): SeriesPart {
  return Object.fromEntries(
    metrics.flatMap((metric) => statistics.map((statistic) => [`${metric}_${statistic}`, [...from[metric][statistic]]] as const)),
  );
}

/**
 * Names a part's keys as clients see them, in the order that the API promises: the organisation's bare, a role's
 * with its name in front.
 */
function* namedColumns(parts: readonly SeriesPart[], roles: readonly string[]): Generator<[string, readonly number[]]> {
  const suffixes = (metrics: readonly string[]) => metrics.flatMap((m) => statistics.map((s) => `${m}_${s}`));
  for (const [index, part] of parts.entries()) {
    const role = roles[index - 1];
    for (const key of suffixes(index === 0 ? ORGANISATION_METRICS : ROLE_METRICS))
      yield [role === undefined ? key : `${role}_${key}`, part[key] ?? []];
  }
}

/** One object a Step, flat keys: `Step`, the organisation's, then each role's. */
export function rowsOf(parts: readonly SeriesPart[], roles: readonly string[]): Row[] {
  const columns = [...namedColumns(parts, roles)];
  const steps = columns[0]?.[1].length ?? 0;
  return Array.from({ length: steps }, (_, step) => {
    const row: Row = { Step: step };
    for (const [key, values] of columns) row[key] = values[step] ?? 0;
    return row;
  });
}

const monthsPerYear = 12;

/** For year y = 1 … ⌊N/12⌋ and every key: its value at Step 12y minus its value at Step 12(y−1). */
export function yearlyMetrics(parts: readonly SeriesPart[], roles: readonly string[], months: number): Row[] {
  const columns = parts.length === 0 ? [] : [...namedColumns(parts, roles)];
  if (columns.length === 0) return [];
  return Array.from({ length: Math.floor(months / monthsPerYear) }, (_, index) => {
    const year = index + 1;
    const row: Row = { Year: year };
    for (const [key, values] of columns)
      row[key] = (values[monthsPerYear * year] ?? 0) - (values[monthsPerYear * (year - 1)] ?? 0);
    return row;
  });
}

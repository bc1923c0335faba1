import { columnsOfRun } from "./series.ts";
import type { RunSeries } from "./series.ts";

/** A cell that begins so is run as a formula by spreadsheets. */
const formulaStart = /^[=+\-@\t\r]/;

/** RFC 4180, and nothing that a spreadsheet would run: such a name gets an apostrophe in front. */
function cell(text: string): string {
  const safe = formulaStart.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Results as CSV: a header, then one row a Step, line by line. */
export function* resultsCsv(series: RunSeries): Generator<string> {
  const columns = columnsOfRun(series);
  yield `${["Step", ...columns.map(([key]) => cell(key))].join(",")}\r\n`;
  const steps = columns[0]?.[1].length ?? 0;
  for (let step = 0; step < steps; step += 1)
    yield `${[step, ...columns.map(([, values]) => values[step] ?? 0)].join(",")}\r\n`;
}

import { columnsOfRun } from "./series.ts";
import type { RunSeries } from "./series.ts";

/**
 * What a spreadsheet would run: a sign that begins a cell, or begins one where other settings end a cell, quoted or not
 * (semicolons, tabs); after blanks and quotes as well, and full-width.
 */
const formulaStart = /(^|[;|\t\r\n])([\s"']*)([=+\-@＝＋－＠])/g;

/** RFC 4180, with an apostrophe in front of what would be run. */
function cell(text: string): string {
  const safe = text.replace(formulaStart, "$1$2'$3");
  return /[",;|\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Results as CSV: a header, then one row a Step, line by line. */
export function* resultsCsv(series: RunSeries): Generator<string> {
  const columns = columnsOfRun(series);
  yield `${["Step", ...columns.map(([key]) => cell(key))].join(",")}\r\n`;
  const steps = columns[0]?.[1].length ?? 0;
  for (let step = 0; step < steps; step += 1)
    yield `${[step, ...columns.map(([, values]) => values[step] ?? 0)].join(",")}\r\n`;
}

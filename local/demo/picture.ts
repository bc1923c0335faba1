type Row = Record<string, number>;

const CHART_HEIGHT = 10;
/** Eighths of a character cell, from empty to full. */
const BLOCKS = " ▁▂▃▄▅▆▇█";
const TABLE_EVERY_MONTHS = 6;

/** A table of every sixth month: people and money are means over the iterations, with the range of people beside. */
export function resultsTable(results: readonly Row[]): string {
  const header = ["Month", "People", "(min–max)", "Automated", "Pay a year", "Saved a year"];
  const rows = results
    .filter((row) => at(row, "Step") % TABLE_EVERY_MONTHS === 0)
    .map((row) => [
      String(at(row, "Step")),
      at(row, "employees_mean").toFixed(1),
      `${at(row, "employees_min").toFixed(0)}–${at(row, "employees_max").toFixed(0)}`,
      `${(at(row, "automation_mean") * 100).toFixed(1)} %`,
      thousands(at(row, "total_salary_of_employees_mean")),
      thousands(at(row, "cost_savings_mean")),
    ]);
  const widths = header.map((title, column) =>
    Math.max(...[header, ...rows].map((cells) => (cells[column] ?? title).length)),
  );
  const line = (cells: string[]) => `  ${cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("   ")}`;
  return [line(header), `  ${widths.map((width) => "─".repeat(width)).join("   ")}`, ...rows.map(line)].join("\n");
}

/** Bars of one key over the Steps, one column a Step, from zero at the bottom to the largest value at the top. */
export function barChart(results: readonly Row[], key: string, title: string): string {
  const values = results.map((row) => at(row, key));
  const top = Math.max(...values, 1);
  const label = String(Math.round(top));
  const lines = Array.from({ length: CHART_HEIGHT }, (_, index) => {
    const floor = CHART_HEIGHT - 1 - index;
    const cells = values.map((value) => BLOCKS[fill((value / top) * CHART_HEIGHT - floor)] ?? " ").join("");
    return `  ${(index === 0 ? label : "").padStart(label.length)} ┤${cells}`.trimEnd();
  });
  const axis = `  ${"0".padStart(label.length)} ┼${"─".repeat(values.length)}`;
  const last = `month ${Math.max(0, values.length - 1)}`;
  return [`  ${title}`, ...lines, axis, `  ${" ".repeat(label.length + 2)}0${last.padStart(values.length - 1)}`].join(
    "\n",
  );
}

/** A bar of a given width with the share done, such as `██████░░░░  60 %`. */
export function progressBar(fraction: number, width = 30): string {
  const done = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `${"█".repeat(done)}${"░".repeat(width - done)} ${String(Math.round(fraction * 100)).padStart(3)} %`;
}

function fill(cells: number): number {
  return Math.round(Math.min(1, Math.max(0, cells)) * 8);
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A key that is not there is a broken contract, not a zero. */
function at(row: Row, key: string): number {
  const value = row[key];
  if (value === undefined) throw new Error(`the results have no "${key}"`);
  return value;
}

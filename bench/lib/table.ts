/** A Markdown table, padded to be readable on a terminal. Numbers are right-aligned. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(3, column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const isNumber = columns.map((_, index) => rows.every((row) => /^(-?[\d.,]+)?$/.test(row[index] ?? '')));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, index) => pad(cells[index] ?? '', width, isNumber[index] ?? false)).join(' | ')} |\n`;
  const rule = widths.map((width, index) =>
    isNumber[index] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return line(columns) + line(rule) + rows.map(line).join('');
}

const pad = (cell: string, width: number, right: boolean) =>
  right ? cell.padStart(width) : cell.padEnd(width);

/** Three significant digits; empty if it was not measured. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '';
  if (Number.isInteger(value)) return String(value);
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

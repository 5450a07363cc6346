import { cutText } from '../../text/text.ts';

export type Cell = string | number | bigint | Date | boolean | null | undefined;

/** Control characters in stored text would control the terminal, and a line break would break the row. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: matching control characters is the purpose.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f]+/g;
const WIDEST_CELL = 60;

/** Makes any text safe for one line on a terminal. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ');
}

/** Aligned columns under their names, numbers to the right. Long texts are cut, except in the last column. */
export function renderTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const last = columns.length - 1;
  const isNumeric = columns.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || typeof row[column] === 'bigint'),
  );
  const lines = [
    columns.map((name) => name.toUpperCase()),
    ...rows.map((row) => columns.map((_, column) => cut(renderCell(row[column]), column === last))),
  ];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          isNumeric[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function renderCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '-';
  if (cell instanceof Date) return `${cell.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return printable(String(cell));
}

function cut(text: string, isLast: boolean): string {
  return isLast || text.length <= WIDEST_CELL ? text : `${cutText(text, WIDEST_CELL - 1)}…`;
}

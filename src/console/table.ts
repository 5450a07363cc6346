import type { CallError } from './api.ts';
import { type Content, html } from './html.ts';
import { Empty, Failure, Loading } from './parts.ts';

export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => Content;
  /** `number`: to the right, and never broken. `text`: words of others, of any length, which break anywhere. */
  readonly kind?: 'number' | 'text';
}

/**
 * A table on a wide screen, a list of cards on a narrow one. The roles say what the style sheet takes away: a row that is
 * shown as a block is no row to a screen reader otherwise.
 */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  error,
  retry,
  more,
  empty,
}: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  /** undefined while they are on their way. */
  readonly rows: readonly Row[] | undefined;
  /** Tells rows apart, so that the focus stays with its row or goes away with it. */
  readonly keyOf: (row: Row) => string | number;
  readonly error?: CallError | undefined;
  readonly retry?: () => void;
  readonly more?: (() => void) | undefined;
  /** Said when there are none; should help. */
  readonly empty: Content;
}) {
  const failure = error && html`<${Failure} error=${error} retry=${retry} />`;
  if (!rows) return failure ?? html`<${Loading} />`;
  // A filter looks at so many rows for one page, so a page may be empty and not the last.
  const nothing = more ? 'Nothing has been found so far; older ones have not been looked at yet.' : empty;
  return html`${failure}
    ${
      rows.length === 0
        ? html`<${Empty}>${nothing}</${Empty}>`
        : html`<div class="table">
            <table role="table">
              <caption class="hidden">${caption}</caption>
              <thead role="rowgroup">
                <tr role="row">${columns.map(({ label, kind }) => html`<th scope="col" role="columnheader" class=${kind}>${label}</th>`)}</tr>
              </thead>
              <tbody role="rowgroup">
                ${rows.map(
                  (row) => html`<tr role="row" key=${keyOf(row)}>
                    ${columns.map(
                      ({ label, cell, kind }) =>
                        html`<td role="cell" data-label=${label} class=${kind}>${cell(row)}</td>`,
                    )}
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
    ${more && html`<button type="button" class="secondary outline" onClick=${more}>Show older ones</button>`}`;
}

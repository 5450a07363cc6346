import type { CallError } from './api.ts';
import { type Content, html } from './html.ts';
import { Empty, Failure, Loading } from './parts.ts';

export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => Content;
  /** `number`: right-aligned, never wrapped. `text`: foreign text of any length, wrapped anywhere. */
  readonly kind?: 'number' | 'text';
}

/**
 * A table on a wide screen, a list of cards on a narrow one. The explicit roles are needed because a row that the style sheet displays as a
 * block is otherwise no row to a screen reader.
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
  /** undefined while loading. */
  readonly rows: readonly Row[] | undefined;
  /** Identifies rows, so that the focus stays with its row or disappears with it. */
  readonly keyOf: (row: Row) => string | number;
  readonly error?: CallError | undefined;
  readonly retry?: () => void;
  readonly more?: (() => void) | undefined;
  /** Shown when there are no rows; it should help the reader. */
  readonly empty: Content;
}) {
  const failure = error && html`<${Failure} error=${error} retry=${retry} />`;
  if (!rows) return failure ?? html`<${Loading} />`;
  // A filter examines a limited number of rows for each page, so an empty page need not be the last.
  const nothing = more ? 'Nothing found so far. Older entries have not been searched yet.' : empty;
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

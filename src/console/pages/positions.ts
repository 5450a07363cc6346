import type { Position, Positions as PositionList } from '../answers.ts';
import { Badge } from '../badge.ts';
import { html } from '../html.ts';
import { Money } from '../parts.ts';
import { type Column, Table } from '../table.ts';
import { useApi } from '../use-api.ts';

const COLUMNS: readonly Column<Position>[] = [
  { label: 'Currency', cell: ({ currency }) => currency },
  {
    label: 'Position',
    kind: 'number',
    cell: ({ position_minor, currency }) => html`<${Money} minor=${position_minor} currency=${currency} />`,
  },
  { label: 'It is', cell: ({ position_minor }) => describeSide(position_minor) },
  {
    label: 'Limit',
    kind: 'number',
    cell: ({ limit_minor, currency }) =>
      limit_minor === null ? 'none' : html`<${Money} minor=${limit_minor} currency=${currency} />`,
  },
  {
    label: 'State',
    cell: (position) => html`<${Badge} of="position" state=${stateOf(position)} isSaid />`,
  },
];

/** What conversions have left us owning and owing, by currency. */
export function Positions() {
  const { data, error, reload } = useApi<PositionList>('/api/v1/currency/positions', { everyMs: 5000 });
  return html`<h2>Position by currency</h2>
    <p>What conversions have left us with. A change of a rate makes it worth more or less; a limit says how much may be owned or owed.</p>
    <${Table} caption="Positions, by currency" columns=${COLUMNS} rows=${data?.items} error=${error} retry=${reload}
      keyOf=${({ currency }: Position) => currency} empty="There is no wallet yet, so there is no position." />`;
}

function describeSide(minor: string): string {
  if (minor === '0') return 'even';
  return minor.startsWith('-') ? 'owed by us' : 'owned by us';
}

function stateOf({ is_over_limit: isOver, limit_minor: limit }: Position): string {
  if (limit === null) return 'no limit';
  return isOver ? 'over the limit' : 'within the limit';
}

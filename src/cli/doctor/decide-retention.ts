import type { Retention } from '../../retention/retained.ts';
import type { TableSize } from '../../retention/table-sizes.sql.ts';
import { type Check, judge } from './check.ts';

const SHOWN = 3;
const BYTES_PER_MB = 1_048_576;

/** How much space each kind of data takes, and which kinds are kept forever. Pure. */
export function decideRetention(sizes: readonly TableSize[], retention: Retention): Check {
  const largest = sizes
    .slice(0, SHOWN)
    .map(({ table, bytes }) => `${table} ${Math.ceil(Number(bytes) / BYTES_PER_MB)} MB`);
  const forEver = Object.entries(retention).filter(([, keptMs]) => keptMs === 0);
  const rest =
    forEver.length > 0 ? `; ${forEver.length} of ${Object.keys(retention).length} are kept forever` : '';
  return judge('retention', `${largest.join(', ')}${rest}`);
}

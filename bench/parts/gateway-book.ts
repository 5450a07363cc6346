import { createKnex } from '../../src/database/database.ts';
import { readSystemBalance } from '../../src/ledger/read-balance.sql.ts';
import { parseConfig } from '../../src/process/settings/config.ts';
import { countPayments } from '../data/databases.sql.ts';
import { CURRENCY } from '../data/template.ts';

interface BookTotals {
  readonly count: number;
  /** Deposits less withdrawals. */
  readonly netMinor: bigint;
}

/** What the gateway says it has carried out. */
export async function readBook(gatewayUrl: string): Promise<BookTotals> {
  const response = await fetch(`${gatewayUrl}/book?limit=1`);
  if (!response.ok) throw new Error(`the gateway's book answers ${response.status}`);
  const { totals } = (await response.json()) as {
    readonly totals: readonly { currency: string; count: number; net_minor: string }[];
  };
  const total = totals.find(({ currency }) => currency === CURRENCY);
  return { count: total?.count ?? 0, netMinor: BigInt(total?.net_minor ?? 0) };
}

/**
 * Compares a database with the book of its gateway: as many payments, and the same money.
 * @throws with both figures when they differ.
 */
export async function compareWithBook({
  databaseUrl,
  gatewayUrl,
  name,
}: {
  readonly databaseUrl: string;
  readonly gatewayUrl: string;
  readonly name: string;
}): Promise<void> {
  const book = await readBook(gatewayUrl);
  const { total, settled } = await countPayments(databaseUrl);
  const knex = createKnex(databaseUrl, parseConfig({}), 'bench-book');
  const clearingMinor = await readSystemBalance(knex, { kind: 'gateway', currency: CURRENCY }).finally(() =>
    knex.destroy(),
  );
  if (total !== settled || settled !== book.count || clearingMinor !== -book.netMinor) {
    throw new Error(
      `${name} and its gateway differ: ${total} payments, ${settled} settled, ${book.count} in the book; clearing account ${clearingMinor}, book ${-book.netMinor}`,
    );
  }
}

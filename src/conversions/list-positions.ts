import type { Knex } from '../database/database.ts';
import { listSystemBalances } from '../ledger/read-balance.sql.ts';

/** What conversions have left in one currency, in minor units. */
export interface Position {
  readonly currency: string;
  /** Owned where it is above 0, owed where it is below. */
  readonly positionMinor: bigint;
  /** How much of it may be owned or owed; null where no limit is set. */
  readonly limitMinor: bigint | null;
}

/** The position in each currency that wallets are kept in or that has a limit, by currency, as of now. */
export async function listPositions(knex: Knex, limits: ReadonlyMap<string, bigint>): Promise<Position[]> {
  const balances = await listSystemBalances(knex, 'fx');
  const heldIn = new Map(balances.map(({ currency, postedMinor }) => [currency, postedMinor]));
  const currencies = [...new Set([...heldIn.keys(), ...limits.keys()])].sort();
  return currencies.map((currency) => ({
    currency,
    positionMinor: heldIn.get(currency) ?? 0n,
    limitMinor: limits.get(currency) ?? null,
  }));
}

/** Whether more is owned or owed than the limit allows. */
export function isOverLimit({ positionMinor, limitMinor }: Position): boolean {
  if (limitMinor === null) return false;
  return (positionMinor < 0n ? -positionMinor : positionMinor) > limitMinor;
}

import { retry } from '../../background/retry.ts';
import type { Pool } from '../../database/database.ts';
import { inTransaction, sentTogether } from '../../database/transactions/transaction.ts';
import type { Fraction } from '../../money/fraction.ts';
import { type DecidedRate, decideRates } from './decide-rates.ts';
import { deriveRate } from './derive-rate.ts';
import type { RateState } from './exchange-rate.ts';
import { lockRates, storeCurrentRates, storeHeldRates, storeRefusedRates } from './exchange-rates.sql.ts';
import { type GivenRates, type RateProvider, RateSourceError } from './rate-provider.ts';

const RETRIES = 2;
const PAUSES = { baseMs: 500, maxMs: 5000 };

export interface FetchRatesOptions {
  readonly provider: RateProvider;
  /** How long one try may take. */
  readonly timeoutMs: number;
  readonly maxJump: Fraction;
  /** Called for each failed try that is followed by another. */
  readonly onTryFailed?: (error: Error) => void;
}

export interface FetchedRates extends Pick<GivenRates, 'base' | 'asOf' | 'refused'> {
  readonly rates: readonly DecidedRate[];
}

/**
 * Reads rates from a source, with no open transaction, and stores them.
 * @throws RateSourceError when the source gives none; a database error, and then nothing was stored.
 */
export async function fetchRates(
  pool: Pool,
  { provider, timeoutMs, maxJump, onTryFailed = () => {} }: FetchRatesOptions,
): Promise<FetchedRates> {
  const given = await retry(() => provider.read(AbortSignal.timeout(timeoutMs)), {
    pauses: PAUSES,
    retries: RETRIES,
    mayHelp: ({ error }) => error instanceof RateSourceError && error.mayPass,
    onFailed: ({ error, retriesLeft }) => {
      if (retriesLeft > 0) onTryFailed(error);
    },
  });
  const rates = await storeRates(pool, given, { source: provider.source, maxJump });
  return { ...given, rates };
}

/** Stores the rates that a source gave: those to use, and those that must wait for an operator. */
export async function storeRates(
  pool: Pool,
  given: GivenRates,
  { source, maxJump }: { readonly source: RateProvider['source']; readonly maxJump: Fraction },
): Promise<DecidedRate[]> {
  const { base, asOf } = given;
  return await inTransaction(pool, async (transaction) => {
    const known = await lockRates(transaction, source);
    const ofOtherBases = known.filter((rate) => rate.base !== base);
    const ofThisBase = Map.groupBy(
      known.filter((rate) => rate.base === base),
      ({ quote }) => quote,
    );
    const decided = decideRates(given, {
      maxJump,
      knownOf(quote) {
        const inState = (wanted: RateState) => ofThisBase.get(quote)?.find(({ state }) => state === wanted);
        return {
          current: inState('current'),
          elsewhere: deriveRate(ofOtherBases, base, quote)?.mid,
          held: inState('held'),
          refused: inState('refused'),
        };
      },
    });
    const thatAre = (...fates: DecidedRate['fate'][]) => decided.filter(({ fate }) => fates.includes(fate));
    await sentTogether([
      storeCurrentRates(transaction, { source, base, asOf, rates: thatAre('first', 'current') }),
      storeHeldRates(transaction, { source, base, asOf, rates: thatAre('held') }),
      storeRefusedRates(transaction, { source, base, asOf, rates: thatAre('refused') }),
    ]);
    return decided;
  });
}

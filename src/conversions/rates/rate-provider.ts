import type { Fraction } from '../../money/fraction.ts';

/** Where rates come from: `file` and `http` in a JSON of ours, `ecb` in the daily file of the European Central Bank. */
export const RATE_SOURCES = ['file', 'http', 'ecb'] as const;
export type RateSource = (typeof RATE_SOURCES)[number];

/** One unit of `base` is worth `value` units of `quote`. */
export interface GivenRate {
  readonly quote: string;
  readonly value: Fraction;
}

/** What a source said at one time. */
export interface GivenRates {
  readonly base: string;
  /** Which moment the rates speak of, by the source. */
  readonly asOf: Date;
  readonly rates: readonly GivenRate[];
  /** Currencies that we know, with a rate that cannot be one. */
  readonly refused: readonly { readonly quote: string; readonly why: string }[];
}

/** Gives the rates of one source. */
export interface RateProvider {
  readonly source: RateSource;
  /**
   * @param signal ends the reading.
   * @throws RateSourceError when there are no rates to be had.
   */
  read(signal: AbortSignal): Promise<GivenRates>;
}

/**
 * A source gave no rates. The message says what happened and never where: the address of a source may hold a password, and what a
 * client library says of an error may hold the address.
 */
export class RateSourceError extends Error {
  override readonly name = 'RateSourceError';
  readonly source: RateSource;
  /** Whether another try in a moment may go better. */
  readonly mayPass: boolean;
  constructor(source: RateSource, what: string, { mayPass = false }: { readonly mayPass?: boolean } = {}) {
    super(`exchange rates (${source}): ${what}`);
    this.source = source;
    this.mayPass = mayPass;
  }
}

import type { Fraction } from '../../money/fraction.ts';

/** Where rates come from: `file` and `http` have our own JSON format, `ecb` is the daily file of the European Central Bank. */
export const RATE_SOURCES = ['file', 'http', 'ecb'] as const;
export type RateSource = (typeof RATE_SOURCES)[number];

/** One unit of `base` is worth `value` units of `quote`. */
export interface GivenRate {
  readonly quote: string;
  readonly value: Fraction;
}

/** The rates that a source gave at one time. */
export interface GivenRates {
  readonly base: string;
  /** The time that the rates are for, according to the source. */
  readonly asOf: Date;
  readonly rates: readonly GivenRate[];
  /** Known currencies whose rate cannot be used, and why. */
  readonly refused: readonly { readonly quote: string; readonly why: string }[];
}

/** Gives the rates of one source. */
export interface RateProvider {
  readonly source: RateSource;
  /**
   * @param signal ends the reading.
   * @throws RateSourceError if the source gives no rates.
   */
  read(signal: AbortSignal): Promise<GivenRates>;
}

/**
 * A source gave no rates. The message says what happened, but never where: the address of a source may contain a password, and the errors of
 * client libraries may contain the address.
 */
export class RateSourceError extends Error {
  override readonly name = 'RateSourceError';
  readonly source: RateSource;
  /** Whether another try in a moment may succeed. */
  readonly mayPass: boolean;
  constructor(source: RateSource, what: string, { mayPass = false }: { readonly mayPass?: boolean } = {}) {
    super(`exchange rates (${source}): ${what}`);
    this.source = source;
    this.mayPass = mayPass;
  }
}

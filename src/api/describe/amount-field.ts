import { z } from 'zod';
import { currencyScale } from '../../money/currency.ts';
import {
  type AmountProblem,
  formatAmount,
  MAX_AMOUNT_MINOR,
  parseAmount,
} from '../../money/decimal-amount.ts';
import { ExactNumber } from '../../money/exact-number.ts';
import { describedAs } from './described-as.ts';
import { keepBuilt } from './keep-built.ts';

/** Anything longer could only add zeros. */
export const MOST_CHARACTERS = 64;

/**
 * A schema for an amount in a request: a JSON number, or a string with a decimal number in JSON's notation, without an exponent. It is read
 * exactly, into minor units.
 */
export function amountField({ currency, least }: { readonly currency: string; readonly least: 0n | 1n }) {
  const decimal = new RegExp(decimalPattern(currency, least));

  function parse(value: unknown): bigint | string {
    if (value === undefined) return 'is required';
    const isNumber = typeof value === 'number' || value instanceof ExactNumber;
    const isText = typeof value === 'string' && PLAIN_DECIMAL.test(value);
    if (isText && value.length > MOST_CHARACTERS) return `must have at most ${MOST_CHARACTERS} characters`;
    const parsed =
      isNumber || isText ? parseAmount(String(value), currency) : { kind: 'not-a-decimal' as const };
    const isTooSmall =
      parsed.kind === 'amount'
        ? parsed.amountMinor < least
        : parsed.kind === 'too-large' && isNegative(value);
    if (isTooSmall) return least === 0n ? 'must not be negative' : 'must be greater than 0';
    if (parsed.kind !== 'amount') return explainAmountProblem(parsed, currency);
    // Refuse what is left: a plus sign, leading zeros.
    if (isText && !decimal.test(value)) return explainAmountProblem({ kind: 'not-a-decimal' }, currency);
    return parsed.amountMinor;
  }

  return z
    .any()
    .transform((value, context): bigint => {
      const parsed = parse(value);
      if (typeof parsed === 'bigint') return parsed;
      context.addIssue({ code: 'custom', message: parsed });
      return z.NEVER;
    })
    .meta(describeAmount(currency, least));
}

/** For a request's `amount` alone, in a currency that is known only once something else has been read. */
export const amountIn = keepBuilt((currency) => z.object({ amount: amountField({ currency, least: 1n }) }));

/**
 * An optional amount whose currency is known only after something else has been read. It is kept as it was sent, for `amountField` to read
 * later, and described as an amount in `currency`.
 */
export function unreadAmountField({ currency }: { readonly currency: string }) {
  return z.any().optional().meta(describeAmount(currency, 1n));
}

/** The same where it has to be given. */
export function unreadRequiredAmountField({ currency }: { readonly currency: string }) {
  return z
    .any()
    .refine((amount) => amount !== undefined, 'is required')
    .meta(describeAmount(currency, 1n));
}

function describeAmount(currency: string, least: 0n | 1n) {
  return {
    ...describedAs({
      anyOf: [
        {
          type: 'number',
          [least === 0n ? 'minimum' : 'exclusiveMinimum']: 0,
          maximum: Number(formatAmount(MAX_AMOUNT_MINOR, currency)),
          multipleOf: Number(formatAmount(1n, currency)),
        },
        { type: 'string', pattern: decimalPattern(currency, least), maxLength: MOST_CHARACTERS },
      ],
    }),
    description: `An amount in ${currency}: a number, or a string with a decimal number without an exponent. It may not have more decimals than the currency, except trailing zeros.`,
  };
}

const isNegative = (value: unknown) => String(value).startsWith('-');
const PLAIN_DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** A JSON Schema pattern that matches exactly the strings that are accepted. It has no look-around, which some regex engines lack. */
export function decimalPattern(currency: string, least: 0n | 1n): string {
  const scale = currencyScale(currency);
  const wholeDigits = MAX_AMOUNT_MINOR.toString().length - scale;
  const zeros = '(?:\\.0+)?';
  const fraction = scale === 0 ? zeros : `(?:\\.\\d{1,${scale}}0*)?`;
  const belowOne = Array.from(
    { length: scale },
    (_, place) => `${'0'.repeat(place)}[1-9]\\d{0,${scale - 1 - place}}0*`,
  );
  const forms = [
    ...(least === 0n ? [`0${zeros}`] : []),
    ...(scale === 0 ? [] : [`0\\.(?:${belowOne.join('|')})`]),
    `[1-9]\\d{0,${wholeDigits - 2}}${fraction}`,
    `1${'0'.repeat(wholeDigits - 1)}${zeros}`,
  ];
  return `^(?:${forms.join('|')})$`;
}

function explainAmountProblem(problem: AmountProblem, currency: string): string {
  switch (problem.kind) {
    case 'not-a-decimal':
      return 'must be a number, or a string with a decimal number';
    case 'too-many-decimals':
      return `must have at most ${problem.scale} decimals in ${currency}`;
    case 'too-large':
      return `must be at most ${formatAmount(MAX_AMOUNT_MINOR, currency)}`;
  }
}

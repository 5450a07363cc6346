import { userInfo } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { MOST_NAMED_LETTERS } from '../../dead-letters/bulk-redrive.ts';
import { isKnownCurrency } from '../../money/currency.ts';
import { countCharacters } from '../../text/text.ts';
import { hasInvisible, isVisible } from '../../text/visible-text.ts';

/** An id on the command line. */
export function parseId(text: string): bigint {
  if (!/^[1-9]\d{0,15}$/.test(text) || BigInt(text) > BigInt(Number.MAX_SAFE_INTEGER))
    throw new InvalidArgumentError('It must be a positive whole number.');
  return BigInt(text);
}

/** Ids of dead letters. Each may be given only once, because somebody who names one twice probably meant another. */
export function collectIds(text: string, earlier: readonly bigint[] = []): bigint[] {
  const id = parseId(text);
  if (earlier.includes(id)) throw new InvalidArgumentError(`${id} was given more than once.`);
  if (earlier.length >= MOST_NAMED_LETTERS)
    throw new InvalidArgumentError(
      `At most ${MOST_NAMED_LETTERS} ids can be named: use --reason, --type, --user or --all instead.`,
    );
  return [...earlier, id];
}

/** A number within bounds. */
export function parseNumber({ least, most }: { readonly least: number; readonly most: number }) {
  return (text: string): number => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
    return value;
  };
}

/** A whole number within bounds. */
export function parseCount(bounds: { readonly least: number; readonly most: number }) {
  const parse = parseNumber(bounds);
  return (text: string): number => {
    if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
    return parse(text);
  };
}

/** Text that is stored in the database: trimmed, not empty, and only characters that PostgreSQL can store. */
export function parseText({ most }: { readonly most: number }) {
  return (given: string): string => {
    const text = given.trim();
    if (!isVisible(text) || countCharacters(text) > most || text.includes('\0') || !text.isWellFormed())
      throw new InvalidArgumentError(`It must be text of 1 to ${most} characters.`);
    return text;
  };
}

/** A name that is stored: text without invisible characters. */
export function parseName({ most }: { readonly most: number }) {
  const parse = parseText({ most });
  return (given: string): string => {
    const name = parse(given);
    if (hasInvisible(name)) throw new InvalidArgumentError('It must not contain invisible characters.');
    return name;
  };
}

/** A currency, by its code in ISO 4217. */
export function parseCurrency(code: string): string {
  if (!isKnownCurrency(code))
    throw new InvalidArgumentError('It must be an ISO 4217 currency code, such as USD.');
  return code;
}

/** The operator's name if none is given: the operating system's user name. */
export function defaultOperator(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a uid that has no user.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

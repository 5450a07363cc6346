import { randomInt } from 'node:crypto';
import { StartError } from '../../src/process/lifecycle.ts';
import { parseOnce } from '../../test/support/parse-once.ts';

export interface ProofOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Payments that clients ask for, redriven ones not counted. */
  readonly paymentCount: number;
  /** Keeps the data folder and the logs if the proof fails. */
  readonly keepsFolder: boolean;
}

export const USAGE = 'npm run prove -- [--seed N] [--minutes N] [--payments N] [--keep]';
const MAX_SEED = 2 ** 32 - 1;
const PAYMENTS_PER_MINUTE = 1500;

/**
 * Reads the command line. Without a seed, it draws one.
 * @throws StartError that says what does not fit.
 */
export function readOptions(args: readonly string[]): ProofOptions {
  const values = parse(args);
  const minutes = readNumber('minutes', values.minutes, { fallback: 2, least: 0.1, most: 24 * 60 });
  return {
    seed: readWhole('seed', values.seed, { fallback: randomInt(MAX_SEED), least: 0, most: MAX_SEED }),
    minutes,
    paymentCount: readWhole('payments', values.payments, {
      fallback: Math.round(minutes * PAYMENTS_PER_MINUTE),
      least: 0,
      most: 10_000_000,
    }),
    keepsFolder: values.keep === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseOnce(args, {
      seed: { type: 'string' },
      minutes: { type: 'string' },
      payments: { type: 'string' },
      keep: { type: 'boolean' },
    });
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n${USAGE}`);
  }
}

interface Bounds {
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
}

function readNumber(name: string, text: string | undefined, { fallback, least, most }: Bounds): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new StartError(`--${name} must be a number from ${least} to ${most}.\n${USAGE}`);
}

function readWhole(name: string, text: string | undefined, bounds: Bounds): number {
  const value = readNumber(name, text, bounds);
  if (Number.isInteger(value)) return value;
  throw new StartError(`--${name} must be a whole number.\n${USAGE}`);
}

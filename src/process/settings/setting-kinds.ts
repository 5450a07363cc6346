import { z } from 'zod';
import { parsePercent } from '../../money/percent.ts';

/** Digits with an optional fraction, and nothing else that Number() would accept, such as `1e3`, `0x10`, `+5` or ` 5`. */
const DECIMAL = /^\d{1,15}(\.\d{1,15})?$/;
const WHOLE = /^\d{1,15}$/;

const numeric = (form: RegExp, min: number, max: number, message: string) =>
  z
    .string(message)
    .regex(form, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));

/** A number within bounds, with one sentence for anything that is wrong with it. */
export const bounded = (min: number, max: number, what: string) =>
  numeric(DECIMAL, min, max, `must be ${what} from ${min} to ${max}, in digits`);

/** Like `bounded`, and also 0, which has a special meaning. A number that merely rounds to 0 does not count as 0. */
export const zeroOrBounded = (min: number, max: number, what: string) => {
  const message = `must be 0, or ${what} from ${min} to ${max}, in digits`;
  return numeric(DECIMAL, 0, max, message).refine((value) => value === 0 || value >= min, message);
};

export const count = (min: number, max: number) =>
  numeric(WHOLE, min, max, `must be a whole number from ${min} to ${max}, in digits`);

export const port = count(0, 65_535);

export const rate = bounded(0, 1, 'a share');

/** A setting that people write in seconds and code reads in milliseconds. */
export const seconds = (min: number, max: number) =>
  bounded(min, max, 'a number of seconds').transform((value) => Math.round(value * 1000));

/** A setting that people write in hours and code reads in milliseconds. */
export const hours = (min: number, max: number) =>
  bounded(min, max, 'a number of hours').transform((value) => Math.round(value * 3_600_000));

/** A setting that people write in days and code reads in milliseconds. */
export const days = (min: number, max: number) =>
  bounded(min, max, 'a number of days').transform((value) => Math.round(value * 86_400_000));

/** The same, where 0 has a special meaning. */
export const zeroOrDays = (min: number, max: number) =>
  zeroOrBounded(min, max, 'a number of days').transform((value) => Math.round(value * 86_400_000));

export const percent = z.string().transform((value, context) => {
  const parsed = parsePercent(value);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: 'custom',
    message: 'must be a percentage from 0 to below 100, for example 2 or 1.75',
  });
  return z.NEVER;
});

export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' })
  .refine(
    (value) => !value.includes('#'),
    'must not contain a #: it and what follows it would never be sent; write %23 in a user or password',
  )
  // Keep slashes at the end of a query.
  .transform((value) => (value.includes('?') ? value : value.replace(/\/+$/, '')));

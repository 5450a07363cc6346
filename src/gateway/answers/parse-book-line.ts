import { z } from 'zod';
import { parseJson } from '../../http/parse-json.ts';
import { cutText, storableText } from '../../text/text.ts';
import { type BookLine, GatewayBookError } from '../port/gateway-book.ts';
import { scalarText } from './read-field.ts';

/** Text, or a number as it was written, of any length. */
const writtenText = z.preprocess((value) => {
  const text = scalarText(value);
  return text === undefined ? value : storableText(text);
}, z.string());

/** A whole number in any JSON spelling: 5000, 5e3 and 5000.0 are equal. */
function wholeText(value: unknown): unknown {
  const text = scalarText(value);
  if (typeof value === 'string' || text === undefined) return value;
  const match = /^(\d+)(?:\.(\d+))?(?:[eE]\+?(\d{1,2}))?$/.exec(text);
  if (!match) return value;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.padEnd(whole.length + Number(exponent), '0');
  const cut = whole.length + Number(exponent);
  return /[1-9]/.test(digits.slice(cut)) ? value : digits.slice(0, cut);
}

const entrySchema = z.object({
  line: z.int().positive(),
  reference: writtenText.pipe(z.string().min(1).max(255)),
  gateway_reference: writtenText.pipe(z.string().max(255)).nullish(),
  type: z.preprocess((word) => (word === 'withdrawal' ? 'withdraw' : word), z.enum(['deposit', 'withdraw'])),
  amount_minor: z.preprocess(wholeText, z.string().regex(/^\d{1,18}$/)),
  currency: z.string().regex(/^[A-Z]{3}$/),
  status: z.enum(['succeeded', 'declined']),
  executed_at: z.unknown().optional(),
});
const endSchema = z.object({ end: z.literal(true), last_line: z.int().min(0) });

export type ParsedLine =
  | { readonly kind: 'line'; readonly line: BookLine }
  | { readonly kind: 'end'; readonly lastLine: number };

/**
 * Reads one line of an export.
 * @throws GatewayBookError if it is neither a line of a book nor its end.
 */
export function parseBookLine(text: string, afterLine: number): ParsedLine {
  const where = `the line after line ${afterLine} of the gateway's book`;
  const value = readLine(text, where);
  const end = endSchema.safeParse(value);
  if (end.success) return { kind: 'end', lastLine: end.data.last_line };
  const entry = entrySchema.safeParse(value);
  if (!entry.success) {
    const problems = entry.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new GatewayBookError(`${where} is not valid: ${problems.join('; ')}`);
  }
  const { data } = entry;
  if (data.line <= afterLine) throw new GatewayBookError(`${where} has the number ${data.line}`);
  return {
    kind: 'line',
    line: {
      line: data.line,
      reference: data.reference,
      gatewayReference: data.gateway_reference ?? null,
      type: data.type,
      amountMinor: BigInt(data.amount_minor),
      currency: data.currency,
      status: data.status,
      ...readTime(data.executed_at),
    },
  };
}

/** A gateway's records are at most some years old; the database has no year 0, and JSON may contain years that it cannot store. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 9999;
const MAX_TIME_CHARACTERS = 64;
const isoTime = z.iso.datetime({ offset: true });

/** A time decides nothing about money, so an invalid one is a difference, not a reason to reject the whole book. */
function readTime(value: unknown): Pick<BookLine, 'executedAt' | 'unreadableTime'> {
  const parsed = isoTime.safeParse(value);
  const executedAt = new Date(parsed.success ? parsed.data : Number.NaN);
  const year = executedAt.getUTCFullYear();
  if (year >= FIRST_YEAR && year <= LAST_YEAR) return { executedAt, unreadableTime: null };
  const written = scalarText(value) ?? JSON.stringify(value) ?? 'nothing';
  return { executedAt: null, unreadableTime: storableText(written, MAX_TIME_CHARACTERS) };
}

function readLine(text: string, where: string): unknown {
  const parsed = parseJson(text);
  if (parsed.kind === 'parsed') return parsed.value;
  throw new GatewayBookError(
    parsed.kind === 'no_json' ? `${where} is not JSON` : `${where} has "${cutText(parsed.member, 50)}" twice`,
  );
}

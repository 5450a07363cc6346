import { z } from 'zod';
import { type BookLine, GatewayBookError } from './gateway-book.ts';

const entrySchema = z.object({
  line: z.int().positive(),
  reference: z.string().min(1).max(255),
  gateway_reference: z.string().max(255).nullish(),
  type: z.enum(['deposit', 'withdraw']),
  amount_minor: z.string().regex(/^\d{1,18}$/),
  currency: z.string().regex(/^[A-Z]{3}$/),
  status: z.enum(['succeeded', 'declined']),
  executed_at: z.iso.datetime({ offset: true }),
});
const endSchema = z.object({ end: z.literal(true), last_line: z.int().min(0) });

export type ParsedLine =
  | { readonly kind: 'line'; readonly line: BookLine }
  | { readonly kind: 'end'; readonly lastLine: number };

/**
 * Reads one line of an export.
 * @throws GatewayBookError when it is neither a line of a book nor its end.
 */
export function parseBookLine(text: string, afterLine: number): ParsedLine {
  const where = `the line after line ${afterLine} of the gateway's book`;
  const value = parseJson(text, where);
  const end = endSchema.safeParse(value);
  if (end.success) return { kind: 'end', lastLine: end.data.last_line };
  const entry = entrySchema.safeParse(value);
  if (!entry.success) {
    const problems = entry.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new GatewayBookError(`${where} does not fit: ${problems.join('; ')}`);
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
      executedAt: new Date(data.executed_at),
    },
  };
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayBookError(`${where} is not JSON`);
  }
}

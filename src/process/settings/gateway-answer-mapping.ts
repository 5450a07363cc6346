import { z } from 'zod';

/** The path of a value in an answer: `status`, or `data.state` for a nested one. */
export type FieldPath = readonly string[];

/**
 * How a gateway phrases its answers: which field holds what, and what each word means. Words and codes are in lower case. A field that is
 * null does not exist in its answers.
 */
export interface AnswerMapping {
  readonly statusField: FieldPath;
  readonly succeededWords: ReadonlySet<string>;
  readonly refusedWords: ReadonlySet<string>;
  readonly pendingWords: ReadonlySet<string>;
  readonly codeField: FieldPath | null;
  readonly refusalCodes: ReadonlySet<string>;
  readonly notFoundCodes: ReadonlySet<string>;
  readonly amountField: FieldPath | null;
  readonly currencyField: FieldPath | null;
  readonly typeField: FieldPath | null;
  readonly depositWords: ReadonlySet<string>;
  readonly withdrawWords: ReadonlySet<string>;
  /** Our own reference for the payment. */
  readonly referenceField: FieldPath | null;
  /** The gateway's reference for the payment; the first field that exists counts. */
  readonly gatewayReferenceFields: readonly FieldPath[];
  /** Names of fields that say nothing about the payment, at any depth. */
  readonly ignoredFields: ReadonlySet<string>;
}

const path = z
  .string('must be text')
  .regex(/^[^.\s]{1,64}(\.[^.\s]{1,64}){0,7}$/, 'must be the name of a field, with dots for a nested one')
  .transform((text): FieldPath => text.split('.'));
const words = z
  .array(z.string('must be text').trim().toLowerCase().min(1, 'must not be empty').max(64), 'must be a list')
  .max(100)
  .transform((list): ReadonlySet<string> => new Set(list));

const mappingSchema = z
  .strictObject({
    status_field: path.default(['status']),
    succeeded_words: words.refine((set) => set.size > 0, 'must not be empty').default(new Set(['succeeded'])),
    refused_words: words.default(new Set(['declined', 'refused', 'rejected'])),
    pending_words: words.default(new Set(['pending', 'processing', 'accepted', 'queued'])),
    code_field: path.nullable().default(['code']),
    refusal_codes: words.default(
      new Set(['declined', 'refused', 'rejected', 'card_declined', 'insufficient_funds']),
    ),
    not_found_codes: words.default(new Set(['payment_not_found'])),
    amount_field: path.nullable().default(['amount']),
    currency_field: path.nullable().default(['currency']),
    type_field: path.nullable().default(['type']),
    deposit_words: words.default(new Set(['deposit'])),
    withdraw_words: words.default(new Set(['withdraw', 'withdrawal'])),
    reference_field: path.nullable().default(['reference']),
    gateway_reference_fields: z
      .array(path, 'must be a list')
      .max(10)
      .default([['gateway_reference'], ['id']]),
    ignored_fields: z
      .array(z.string('must be text').min(1).max(64), 'must be a list')
      .max(100)
      .transform((list): ReadonlySet<string> => new Set(list))
      .default(new Set<string>()),
  })
  .superRefine((mapping, context) => {
    const groups = [
      ['succeeded_words', 'refused_words', 'pending_words'],
      ['refusal_codes', 'not_found_codes'],
      ['deposit_words', 'withdraw_words'],
    ] as const;
    for (const group of groups) {
      const seen = new Set<string>();
      for (const name of group) {
        for (const word of mapping[name]) {
          if (seen.has(word))
            context.addIssue({
              code: 'custom',
              path: [name],
              message: `contains "${word}", which already has another meaning`,
            });
          seen.add(word);
        }
      }
    }
  });

/** The contract of docs/gateway.md. */
export const CONTRACT_MAPPING: AnswerMapping = toMapping(mappingSchema.parse({}));

/** Parses the setting: a JSON object with whatever differs from the contract. */
export function parseAnswerMapping(
  text: string,
): { readonly mapping: AnswerMapping } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'must be a JSON object, for example {"status_field":"data.state"}' };
  }
  const parsed = mappingSchema.safeParse(value);
  if (parsed.success) return { mapping: toMapping(parsed.data) };
  const problems = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')} is not a known name (docs/gateway.md lists the names)`
      : `${issue.path.join('.') || 'it'} ${issue.message}`,
  );
  return { problem: problems.join('; ') };
}

function toMapping(parsed: z.output<typeof mappingSchema>): AnswerMapping {
  return {
    statusField: parsed.status_field,
    succeededWords: parsed.succeeded_words,
    refusedWords: parsed.refused_words,
    pendingWords: parsed.pending_words,
    codeField: parsed.code_field,
    refusalCodes: parsed.refusal_codes,
    notFoundCodes: parsed.not_found_codes,
    amountField: parsed.amount_field,
    currencyField: parsed.currency_field,
    typeField: parsed.type_field,
    depositWords: parsed.deposit_words,
    withdrawWords: parsed.withdraw_words,
    referenceField: parsed.reference_field,
    gatewayReferenceFields: parsed.gateway_reference_fields,
    ignoredFields: parsed.ignored_fields,
  };
}

import type { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What the checks of a schema put into its description. */
const KEYWORDS = [
  'type',
  'anyOf',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'default',
] as const;

/**
 * Metadata that describes a schema as `jsonSchema` instead of as what its checks look like: an id in an address is checked as
 * text and is an integer to a client. Description and example stay.
 */
export function describedAs(jsonSchema: JsonSchema) {
  return {
    override({ jsonSchema: written }: { readonly jsonSchema: object }): void {
      const keywords = written as JsonSchema;
      for (const keyword of KEYWORDS) delete keywords[keyword];
      Object.assign(written, jsonSchema);
    },
  };
}

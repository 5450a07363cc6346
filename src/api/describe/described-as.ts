import type { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The description keywords that a schema's checks produce. */
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
 * Metadata that describes a schema as `jsonSchema` instead of deriving the description from its checks: an id in a path is checked as text,
 * but clients see an integer. Description and example stay.
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

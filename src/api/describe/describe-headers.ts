import type { DescribedAnswer } from '../server/operation.ts';

/** The headers of an answer, for the description. */
export function describeHeaders(headers: DescribedAnswer['headers'] = {}) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, { description, example, isOptional }]) => [
      name,
      {
        description,
        ...(isOptional ? {} : { required: true }),
        schema: { type: 'string' as const },
        example,
      },
    ]),
  );
}

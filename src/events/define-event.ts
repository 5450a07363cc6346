import type { z } from 'zod';

/** One type of event, as it is promised to whoever reads events: a change that could break a reader is a new version. */
export interface EventDefinition<Data extends z.ZodObject = z.ZodObject> {
  /** What the subject of such an event begins with: `payment` for `payment:42`. */
  readonly subject: string;
  readonly summary: string;
  readonly description?: string;
  readonly data: Data;
  readonly example: z.input<Data>;
}

/** Lets TypeScript check the example against the schema beside it. */
export function defineEvent<Data extends z.ZodObject>(
  definition: EventDefinition<Data>,
): EventDefinition<Data> {
  return definition;
}

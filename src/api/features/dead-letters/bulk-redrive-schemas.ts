import { z } from 'zod';
import { BULK_REDRIVE_STATES } from '../../../dead-letters/bulk-redrive.ts';
import { DEAD_LETTER_REASONS } from '../../../dead-letters/letters/dead-letter-reasons.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { paymentTypeSchema } from '../../describe/payment-fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

export const bulkRedriveSchema = z
  .object({
    id: answeredId,
    state: z.enum(BULK_REDRIVE_STATES),
    filter: z.object({
      reasons: z
        .array(z.enum(DEAD_LETTER_REASONS))
        .nullable()
        .meta({ description: 'Dead letters with any of these reasons.' }),
      type: paymentTypeSchema.nullable(),
      user_id: z.int().nullable(),
      letters: z
        .int()
        .nullable()
        .meta({ description: 'How many dead letters the request named, if it named them.' }),
    }),
    per_second: z.int(),
    total: z.int().meta({ description: 'How many dead letters matched at the start.' }),
    redriven: z.int(),
    refused: z.int().meta({ description: 'The wallet did not hold enough; the dead letters stay open.' }),
    withheld: z.int().meta({
      description: 'There is evidence that the money moved; the dead letters stay open for a person.',
    }),
    skipped: z.int().meta({ description: 'Somebody else closed them in the meantime.' }),
    failed: z.int().meta({ description: 'An error stopped them, see the log; the dead letters stay open.' }),
    by: z.string(),
    reason: z.string(),
    stopped_by: z.string().nullable(),
    created_at: timeField,
    updated_at: timeField,
    finished_at: timeField.nullable(),
  })
  .meta({ id: 'BulkRedrive' });

export const bulkRedriveListSchema = z
  .object({ items: z.array(bulkRedriveSchema), next_cursor: nextCursorField('bulk_redrives') })
  .meta({ id: 'BulkRedriveList' });

export const bulkRedrivePreviewSchema = z
  .object({ count: z.int(), is_capped: z.boolean().meta({ description: 'Whether there are more.' }) })
  .meta({ id: 'BulkRedrivePreview' });

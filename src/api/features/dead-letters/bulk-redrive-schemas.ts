import { z } from 'zod';
import { DEAD_LETTER_REASONS } from '../../../dead-letters/letters/dead-letter-reasons.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { paymentTypeSchema } from '../../describe/payment-fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

export const bulkRedriveSchema = z
  .object({
    id: answeredId,
    state: z.enum(['running', 'stopped', 'done']),
    filter: z.object({
      reasons: z.array(z.enum(DEAD_LETTER_REASONS)).nullable().meta({ description: 'Any of them.' }),
      type: paymentTypeSchema.nullable(),
      user_id: z.int().nullable(),
      letters: z.int().nullable().meta({ description: 'How many letters were named, if they were.' }),
    }),
    per_second: z.int(),
    total: z.int().meta({ description: 'How many letters matched when it began.' }),
    redriven: z.int(),
    refused: z.int().meta({ description: 'For want of funds; their letters stay open.' }),
    withheld: z.int().meta({
      description: 'Something recorded says that their money moved; their letters stay open for a person.',
    }),
    skipped: z.int().meta({ description: 'Somebody else dealt with them meanwhile.' }),
    failed: z.int().meta({ description: 'For a reason that the log tells; their letters stay open.' }),
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

import { z } from 'zod';
import { DIFFERENCE_KINDS, DIFFERENCE_SOURCES } from '../../../reconciliation/difference.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

const statement = z.record(z.string(), z.unknown()).nullable();

export const differenceSchema = z
  .object({
    id: answeredId,
    payment_id: answeredId.nullable(),
    reference: z.string().nullable(),
    kind: z.enum(DIFFERENCE_KINDS),
    source: z.enum(DIFFERENCE_SOURCES).meta({ description: "How the gateway's statement reached us." }),
    ours: statement.meta({ description: 'What is recorded here.' }),
    theirs: statement.meta({ description: 'What the gateway says.' }),
    created_at: timeField,
    last_seen_at: timeField,
    seen_count: z.int(),
    closed_at: timeField.nullable(),
    closed_by: z.string().nullable(),
    closed_reason: z.string().nullable(),
  })
  .meta({ id: 'ReconciliationException' });

export const differenceListSchema = z
  .object({ items: z.array(differenceSchema), next_cursor: nextCursorField('differences') })
  .meta({ id: 'ReconciliationExceptionList' });

export const differenceExample = {
  id: 1,
  payment_id: 2,
  reference: '2-9f1c3a5b7d20',
  kind: 'status_contradiction',
  source: 'callback',
  ours: { status: 'failed', amount: '50', currency: 'USD', gateway_reference: null },
  theirs: { status: 'succeeded', amount: '50', currency: 'USD', gateway_reference: 'gw-2' },
  created_at: '2026-01-01T12:00:05.000Z',
  last_seen_at: '2026-01-01T12:00:05.000Z',
  seen_count: 1,
  closed_at: null,
  closed_by: null,
  closed_reason: null,
};

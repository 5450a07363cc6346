import { z } from 'zod';
import { REPORT_STARTERS, REPORT_STATUSES } from '../../../reconciliation/report.ts';
import { minorField } from '../../describe/amounts.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

const id = answeredId;
const minor = minorField.meta({ description: 'Minor units.' });
const difference = z.object({
  found: z.int(),
  open: z.int().meta({ description: 'Exceptions that nobody had closed.' }),
});

export const reportSchema = z
  .object({
    id,
    gateway: z
      .string()
      .meta({ description: 'Whose book was compared; `default`: that of PAYMENT_GATEWAY_URL.' }),
    status: z.enum(REPORT_STATUSES),
    started_by: z.enum(REPORT_STARTERS),
    started_at: timeField,
    cut_off_at: timeField.meta({ description: 'Payments that ended after this time count as in transit.' }),
    finished_at: timeField.nullable(),
    error: z.string().nullable(),
    matched: z.int().nullable(),
    in_transit: z.int().nullable(),
    differences: z.record(z.string(), difference).nullable().meta({
      description:
        'By kind: missing_here, missing_there, amount_mismatch, status_contradiction, duplicate, unreadable_line.',
    }),
    totals: z
      .array(
        z.object({
          currency: z.string(),
          ours_minor: minor,
          theirs_minor: minor,
          in_transit_minor: minor,
          differences_minor: minor,
          clearing_minor: minor,
        }),
      )
      .nullable()
      .meta({ description: 'Deposits less withdrawals. theirs = ours + in transit + differences.' }),
  })
  .meta({ id: 'ReconciliationReport' });

export const reportListSchema = z
  .object({ items: z.array(reportSchema), next_cursor: nextCursorField('reports') })
  .meta({ id: 'ReconciliationReportList' });

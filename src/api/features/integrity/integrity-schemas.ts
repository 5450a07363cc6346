import { z } from 'zod';
import { INTEGRITY_STATUSES } from '../../../integrity/integrity-report.ts';
import { RUN_RESULTS } from '../../../integrity/run-integrity-check.ts';
import { INVARIANTS } from '../../../integrity/violation.ts';
import { answeredId, timeField } from '../../describe/fields.ts';
import { nextCursorField } from '../../server/cursor.ts';

const id = answeredId;

export const integritySchema = z
  .object({
    status: z.enum(INTEGRITY_STATUSES).meta({
      description:
        'violated: a rule of the ledger is broken, so no money moves. stale: no fault is known, but the check is behind.',
    }),
    reason: z.string().nullable(),
    violations: z.int().meta({
      description: 'Subjects of violations that still hold and that nobody has acknowledged.',
    }),
    checked_up_to: timeField
      .nullable()
      .meta({ description: 'Everything written before this time has been checked.' }),
    lag_seconds: z.number().nullable(),
    checked_below: z
      .int()
      .meta({ description: 'All entries of transactions below this transaction id have been read.' }),
    lag_transactions: z.int(),
    last_run_at: timeField.nullable(),
    last_success_at: timeField.nullable(),
    last_duration_ms: z.int().nullable(),
    last_rows_checked: z.int().nullable(),
    invariants: z.array(
      z.object({
        invariant: z.enum(INVARIANTS),
        says: z.string(),
        violations: z.int(),
        checked_up_to: timeField.nullable(),
        reviewed_at: timeField
          .nullable()
          .meta({ description: 'When the rolling review last completed a pass over the whole past.' }),
      }),
    ),
  })
  .meta({ id: 'Integrity' });

export const integrityRunSchema = z
  .object({
    result: z.enum(RUN_RESULTS).meta({
      description:
        'late: the time limit ended before all new rows were read. busy: another check is already running.',
    }),
    rows_checked: z.int(),
    duration_ms: z.int(),
    found: z.int().meta({ description: 'Violations that are new or have grown.' }),
    whole_again: z.int(),
    integrity: integritySchema,
  })
  .meta({ id: 'IntegrityRun' });

export const violationSchema = z
  .object({
    id,
    invariant: z.enum(INVARIANTS),
    rule: z.string(),
    subject: z
      .string()
      .meta({ description: 'What the violation is about; `many` if it is about many subjects.' }),
    subject_count: z.int().meta({ description: 'How many subjects the violation has.' }),
    samples: z.array(z.string()).meta({ description: 'Some of the subjects, if there are many.' }),
    detail: z.string(),
    found_at: timeField,
    last_seen_at: timeField,
    acknowledged_at: timeField.nullable(),
    acknowledged_by: z.string().nullable(),
    acknowledged_reason: z.string().nullable(),
    resolved_at: timeField
      .nullable()
      .meta({ description: 'When a check found that the violation no longer holds.' }),
  })
  .meta({ id: 'Violation' });

export const violationListSchema = z
  .object({ items: z.array(violationSchema), next_cursor: nextCursorField('violations') })
  .meta({ id: 'ViolationList' });

import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { idMember, idOrNullMember } from './event-fields.ts';

const violation = {
  violation_id: idMember,
  rule: z.string().meta({ description: 'The rule that does not hold, as `GET /api/v1/integrity` names it.' }),
  subject: z.string().meta({ description: 'What it is about; `many` if it is about many at once.' }),
};
const difference = {
  exception_id: idMember,
  payment_id: idOrNullMember,
  kind: z.enum([
    'status_contradiction',
    'amount_mismatch',
    'reference_mismatch',
    'unknown_payment',
    'missing_here',
    'missing_there',
    'duplicate',
    'unreadable_line',
  ]),
  source: z.enum(['callback', 'attempt', 'inquiry', 'report']),
};

/** What the checks of the books found, and its end. */
export const FINDING_EVENTS = {
  'tollgate.integrity_violation.found.v1': defineEvent({
    subject: 'violation',
    summary: 'The check of the ledger found that a rule does not hold',
    description: 'No money moves until a person has looked.',
    data: z.object(violation),
    example: { violation_id: 1, rule: 'balance_equals_entries', subject: 'account:7' },
  }),
  'tollgate.integrity_violation.ended.v1': defineEvent({
    subject: 'violation',
    summary: 'A violation holds no longer',
    data: z.object(violation),
    example: { violation_id: 1, rule: 'balance_equals_entries', subject: 'account:7' },
  }),
  'tollgate.reconciliation_difference.found.v1': defineEvent({
    subject: 'difference',
    summary: "The gateway's book and ours differ",
    description:
      'Nothing of it is applied. `GET /api/v1/reconciliation/exceptions/{id}` says what each of them says.',
    data: z.object(difference),
    example: { exception_id: 5, payment_id: 42, kind: 'amount_mismatch', source: 'report' },
  }),
  'tollgate.reconciliation_difference.ended.v1': defineEvent({
    subject: 'difference',
    summary: 'A person closed a difference',
    data: z.object(difference),
    example: { exception_id: 5, payment_id: 42, kind: 'amount_mismatch', source: 'report' },
  }),
};

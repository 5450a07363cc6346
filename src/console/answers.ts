/** The answers of the API, by the schemas that the API itself describes them with. Types only: nothing of them is loaded. */
import type { z } from 'zod';
import type { bulkRedriveSchema } from '../api/features/dead-letters/bulk-redrive-schemas.ts';
import type { integritySchema, violationSchema } from '../api/features/integrity/integrity-schemas.ts';
import type { overviewSchema } from '../api/features/overview/overview-schemas.ts';
import type {
  deadLetterSchema,
  evidenceListSchema,
  exceptionSchema,
  healthSchema,
  paymentSchema,
  statementSchema,
  unknownPaymentListSchema,
  userSchema,
} from '../api/features/payments/payment-schemas.ts';
import type { timelineSchema } from '../api/features/payments/timeline-schemas.ts';
import type { reportSchema } from '../api/features/reconciliation/reconciliation-schemas.ts';
import type { workersSchema } from '../api/features/workers/worker-schemas.ts';

export type Payment = z.output<typeof paymentSchema>;
export type DeadLetter = z.output<typeof deadLetterSchema>;
export type Evidence = NonNullable<z.output<typeof evidenceListSchema>>[number];
export type BulkRedrive = z.output<typeof bulkRedriveSchema>;
export type UnknownPayment = z.output<typeof unknownPaymentListSchema>['items'][number];
export type Exception = z.output<typeof exceptionSchema>;
export type Health = z.output<typeof healthSchema>;
export type User = z.output<typeof userSchema>;
export type StatementLine = z.output<typeof statementSchema>['items'][number];
export type Integrity = z.output<typeof integritySchema>;
export type Violation = z.output<typeof violationSchema>;
export type Report = z.output<typeof reportSchema>;
export type Overview = z.output<typeof overviewSchema>;
export type Timeline = z.output<typeof timelineSchema>;
export type Workers = z.output<typeof workersSchema>;

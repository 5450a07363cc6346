/** The answers of the API, by the schemas that the API itself describes them with. Types only: nothing of them is loaded. */
import type { z } from 'zod';
import type {
  deadLetterSchema,
  evidenceListSchema,
  exceptionSchema,
  healthSchema,
  paymentSchema,
  statementSchema,
  unknownPaymentListSchema,
  userSchema,
} from '../api/schemas/answers.ts';
import type { bulkRedriveSchema } from '../api/schemas/bulk-redrives.ts';
import type { integritySchema, violationSchema } from '../api/schemas/integrity.ts';
import type { overviewSchema } from '../api/schemas/overview.ts';
import type { reportSchema } from '../api/schemas/reconciliation.ts';
import type { timelineSchema } from '../api/schemas/timeline.ts';
import type { workersSchema } from '../api/schemas/workers.ts';

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

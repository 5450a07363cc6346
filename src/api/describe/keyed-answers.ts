import type { ProblemCode } from '../problems/problem-catalogue.ts';
import type { DescribedHeader } from '../server/operation.ts';

export const LOCATION: DescribedHeader = {
  description: 'The address of what was made.',
  example: '/api/v1/payments/1',
};
export const REPLAYED: DescribedHeader = {
  description: '`true` when the key was used before and this is its stored answer.',
  example: 'true',
  isOptional: true,
};

/** What a key can be answered with. */
export const IDEMPOTENCY_PROBLEMS: readonly ProblemCode[] = [
  'idempotency-key-malformed',
  'idempotency-key-reused',
  'idempotency-key-in-use',
  'idempotency-key-expired',
];

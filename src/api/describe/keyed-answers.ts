import type { ProblemCode } from '../problems/problem-catalogue.ts';
import type { DescribedHeader } from '../server/operation.ts';

export const LOCATION: DescribedHeader = {
  description: 'The path of what was created.',
  example: '/api/v1/payments/1',
};
export const REPLAYED: DescribedHeader = {
  description: '`true` if the key was used before and this is its stored answer.',
  example: 'true',
  isOptional: true,
};

/** The problems that any use of an idempotency key can cause. */
export const IDEMPOTENCY_PROBLEMS: readonly ProblemCode[] = [
  'idempotency-key-malformed',
  'idempotency-key-reused',
  'idempotency-key-in-use',
  'idempotency-key-expired',
];

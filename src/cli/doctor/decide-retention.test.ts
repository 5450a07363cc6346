import type { Retention } from '../../retention/retained.ts';
import { decideRetention } from './decide-retention.ts';

const days = (changes: Partial<Retention> = {}): Retention => ({
  attempts: 1,
  inquiryAnswers: 1,
  callbacks: 1,
  reports: 1,
  differences: 1,
  bulkRedrives: 1,
  claimPauses: 1,
  violations: 1,
  events: 1,
  ...changes,
});
const sizes = [
  { table: 'payment_attempts', bytes: 5_242_881n },
  { table: 'gateway_events', bytes: 1_048_576n },
  { table: 'claim_pauses', bytes: 8192n },
  { table: 'bulk_redrives', bytes: 0n },
];

test('the three largest tables are shown with their size in whole megabytes, rounded up', () => {
  expect(decideRetention(sizes, days())).toEqual({
    name: 'retention',
    verdict: 'ok',
    detail: 'payment_attempts 6 MB, gateway_events 1 MB, claim_pauses 1 MB',
    advice: null,
  });
});

test('kinds that are kept forever are counted', () => {
  expect(decideRetention(sizes.slice(0, 1), days({ differences: 0, violations: 0 })).detail).toBe(
    'payment_attempts 6 MB; 2 of 9 are kept forever',
  );
});

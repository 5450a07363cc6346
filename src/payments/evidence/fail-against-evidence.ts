import type { Transaction } from '../../database/database.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { contradictEvidence, type WordOfFailure } from './evidence.ts';
import { lockAndReadEvidenceOfMany } from './read-evidence.ts';

/** A payment that is about to fail, and the statement that would fail it. */
export interface Failing {
  readonly payment: Parameters<typeof contradictEvidence>[0];
  readonly word: WordOfFailure;
}

export interface FailingDecision {
  /** Payments that must not fail, with a sentence that says why. */
  readonly contradicted: ReadonlyMap<bigint, string>;
  /** Differences for a person to look at; the caller records them after everything else that it locks (test/locks/lock-order.ts). */
  readonly differences: Difference[];
}

/**
 * Finds which payments that are about to fail must not, because there is evidence that their money moved, with a difference for each. The
 * payments stay locked until the caller's transaction ends.
 */
export async function holdToEvidence(
  transaction: Transaction,
  failing: readonly Failing[],
): Promise<FailingDecision> {
  const evidence = await lockAndReadEvidenceOfMany(
    transaction,
    failing.map(({ payment }) => payment.paymentId),
    'chain',
  );
  const contradicted = new Map<bigint, string>();
  const differences: Difference[] = [];
  for (const { payment, word } of failing) {
    const own = evidence.get(payment.paymentId) ?? [];
    const difference = contradictEvidence(payment, word, own);
    if (!difference) continue;
    differences.push(difference);
    contradicted.set(payment.paymentId, own[0]?.what ?? '');
  }
  return { contradicted, differences };
}

import type { Queryable, Transaction } from '../../database/database.ts';
import { isKnownCurrency } from '../../money/currency.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import { type Evidence, type EvidenceStatement, stateEvidence } from './evidence.ts';
import type { LinkScope } from './linked-payments.sql.ts';
import {
  type FoundEvidence,
  findEvidence,
  findOverridden,
  lockAndFindEvidence,
} from './read-evidence.sql.ts';

/**
 * Locks a payment and those linked with it, and reads all evidence that its money moved: attempts, answers, callbacks whatever their
 * result, the gateway's book, differences, people.
 * @param scope `chain` for code that fails, releases, resolves or redrives: the hold of a redriven payment may be all that is left to pay
 * for a call under an older reference. `reference` for what concerns only one call to the gateway.
 */
export async function lockAndReadEvidence(
  transaction: Transaction,
  paymentId: bigint,
  scope: LinkScope,
): Promise<Evidence[]> {
  return (await lockAndReadEvidenceOfMany(transaction, [paymentId], scope)).get(paymentId) ?? [];
}

/** The same for many payments at once, by id; payments without evidence are left out. */
export async function lockAndReadEvidenceOfMany(
  transaction: Transaction,
  paymentIds: readonly bigint[],
  scope: LinkScope,
): Promise<Map<bigint, Evidence[]>> {
  if (paymentIds.length === 0) return new Map();
  return groupEvidence(await lockAndFindEvidence(transaction, paymentIds, scope));
}

/**
 * Reads the evidence about a payment's chain that no person overrode in a redrive, without locks. For the check before a send, during which
 * no lock can be held.
 */
export async function findStandingEvidence(queryable: Queryable, paymentId: bigint): Promise<Evidence[]> {
  return (await findStanding(queryable, paymentId)).map(toEvidence);
}

/** Identifies evidence that was already found. */
export async function findStanding(queryable: Queryable, paymentId: bigint): Promise<FoundEvidence[]> {
  const found = groupFound(await findEvidence(queryable, [paymentId], 'chain')).get(paymentId) ?? [];
  if (found.length === 0) return [];
  const overridden = new Set((await findOverridden(queryable, paymentId)).map(nameOf));
  return found.filter(
    (evidence) => !stateEvidence([toEvidence(evidence)]).some((stated) => overridden.has(nameOf(stated))),
  );
}

/** Do not use its sentence, which changes when a difference is closed. */
function nameOf({ source, payment_id, when }: EvidenceStatement): string {
  return `${source} ${payment_id} ${when}`;
}

function groupEvidence(found: readonly FoundEvidence[]): Map<bigint, Evidence[]> {
  return new Map([...groupFound(found)].map(([paymentId, own]) => [paymentId, own.map(toEvidence)]));
}

function groupFound(found: readonly FoundEvidence[]): Map<bigint, FoundEvidence[]> {
  const byPayment = new Map<bigint, Map<string, FoundEvidence>>();
  for (const each of found) {
    const own = byPayment.get(each.askedId) ?? new Map<string, FoundEvidence>();
    byPayment.set(each.askedId, own);
    // Payments under one reference share what is recorded for the reference.
    const isShared = each.source === 'exception' || each.source === 'book';
    const key = `${each.source} ${isShared ? '' : each.paymentId} ${each.name}`;
    if (!own.has(key)) own.set(key, each);
  }
  return new Map([...byPayment].map(([paymentId, own]) => [paymentId, [...own.values()]]));
}

export function toEvidence(found: FoundEvidence): Evidence {
  const { source, paymentId, at } = found;
  return { source, paymentId, at, what: describe(found) };
}

function describe(found: FoundEvidence): string {
  const { source, name, paymentId } = found;
  const what = [amountOf(found), found.gatewayReference].filter(Boolean).join(', ');
  const details = what === '' ? '' : ` (${what})`;
  switch (source) {
    case 'attempt':
      return isClaim(found)
        ? `the answer to run ${name} of payment ${paymentId} claimed success`
        : `run ${name} of payment ${paymentId} was answered with success`;
    case 'callback':
      return found.kind === 'contradictory'
        ? `callback ${name} said both that it succeeded and that it did not${details}`
        : `callback ${name} said that it succeeded${details}`;
    case 'inquiry':
      return isClaim(found)
        ? `asked about payment ${paymentId}, the gateway claimed success${details}`
        : `asked about payment ${paymentId}, the gateway said that it had carried it out${details}`;
    case 'exception': {
      const closed = found.isClosed ? ', closed' : '';
      return `exception ${name} (${found.kind}, from ${found.reportedBy}${closed}): the gateway said that it succeeded${details}`;
    }
    case 'book':
      return `the gateway's book listed it as carried out${details}, according to report ${name}`;
    case 'resolution':
      return `${name} resolved payment ${paymentId} as executed`;
    case 'payment':
      return `payment ${paymentId}, which is linked with it by a redrive, succeeded`;
  }
}

/** An answer that settles nothing, but still says that the money moved. */
function isClaim({ kind }: FoundEvidence): boolean {
  return kind === 'claimed_success';
}

function amountOf({ source, amount, currency }: FoundEvidence): string | null {
  if (amount === null || currency === null) return null;
  // The book has minor units, all other sources have decimals.
  const isMinor = source === 'book';
  return `${isMinor && isKnownCurrency(currency) ? formatAmount(BigInt(amount), currency) : amount} ${currency}`;
}

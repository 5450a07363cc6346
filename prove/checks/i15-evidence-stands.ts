import type { DeadLetterRow, EvidenceRow, PaymentRow, Violation, World } from '../world/world.ts';

/**
 * I15. Where anything recorded says that the money of a payment moved, no program fails it, releases its hold or redrives it.
 * Evidence counts from its commit on, an ending and a redrive from the beginning of their transactions: whatever was committed
 * by then must have been seen. A callback that an API has answered with 2xx counts from its answer on, wherever it was put.
 */
export function checkEvidenceStands(world: World): Violation[] {
  const evidence = groupEvidence(world);
  const failedByPerson = new Set(
    world.resolutions.filter(({ outcome }) => outcome === 'not_executed').map(({ paymentId }) => paymentId),
  );
  const paymentOf = new Map(world.payments.map((payment) => [payment.id, payment]));
  return [
    ...world.payments
      .filter(({ id, status }) => status === 'failed' && !failedByPerson.has(id))
      .flatMap((payment) => checkFailure(payment, evidence(payment))),
    ...world.deadLetters.flatMap((letter) => {
      const chain = chainOf(paymentOf, letter.paymentId);
      return checkRedrive(letter, chain.flatMap(evidence));
    }),
    ...checkReleases(world, evidence),
  ];
}

const OPEN: ReadonlySet<PaymentRow['status']> = new Set(['new', 'unknown']);

type FindEvidence = (payment: PaymentRow) => EvidenceRow[];

function groupEvidence({ evidence, takenCallbacks }: World): FindEvidence {
  const taken = takenCallbacks
    .filter(({ status }) => status === 'succeeded')
    .map(
      ({ eventId, reference, answeredAt }): EvidenceRow => ({
        source: 'callback',
        paymentId: null,
        reference,
        what: `${eventId}, which was answered 2xx`,
        committedAt: answeredAt,
      }),
    );
  const all = [...evidence, ...taken];
  const byPayment = Map.groupBy(
    all.filter(({ reference }) => reference === null),
    ({ paymentId }) => paymentId,
  );
  // Evidence that names a reference is about the payments with that reference; the payment that it was filed under may be a different one.
  const byReference = Map.groupBy(
    all.filter(({ reference }) => reference !== null),
    ({ reference }) => reference,
  );
  return ({ id, reference }) => [...(byPayment.get(id) ?? []), ...(byReference.get(reference) ?? [])];
}

function checkFailure({ id, updatedAt }: PaymentRow, evidence: readonly EvidenceRow[]): Violation[] {
  const earlier = evidence.find(({ committedAt }) => committedAt !== null && committedAt < updatedAt);
  return earlier ? [violation(id, `payment ${id} failed ${describe(earlier, updatedAt)}`)] : [];
}

function checkRedrive(
  { paymentId, action, actionAt, actionBy }: DeadLetterRow,
  evidence: readonly EvidenceRow[],
): Violation[] {
  if (action !== 'redriven' || !actionAt) return [];
  const earlier = evidence.find(({ committedAt }) => committedAt !== null && committedAt < actionAt);
  if (!earlier) return [];
  return [
    violation(paymentId, `payment ${paymentId} was redriven by ${actionBy} ${describe(earlier, actionAt)}`),
  ];
}

/** Holds that are gone although their payments are open, whatever status the payments have. */
function checkReleases({ payments, holds }: World, evidence: FindEvidence): Violation[] {
  const held = new Set(holds.map(({ subjectId }) => subjectId));
  return payments
    .filter(({ id, type, status }) => type !== 'deposit' && OPEN.has(status) && !held.has(id))
    .flatMap((payment) => {
      const [found] = evidence(payment);
      if (!found) return [];
      const { id } = payment;
      const said = `${found.source}, ${found.what}`;
      return [violation(id, `the hold of payment ${id} was released although its money moved: ${said}`)];
    });
}

/** A payment and, through its redrives, those that it was made from. */
function chainOf(paymentOf: ReadonlyMap<bigint, PaymentRow>, id: bigint): PaymentRow[] {
  const chain: PaymentRow[] = [];
  for (let next = paymentOf.get(id); next; next = next.redriveOf ? paymentOf.get(next.redriveOf) : undefined)
    chain.push(next);
  return chain;
}

function describe({ source, what, committedAt }: EvidenceRow, at: Date): string {
  const sinceMs = at.getTime() - (committedAt?.getTime() ?? 0);
  return `at ${at.toISOString()}, ${sinceMs} ms after it was recorded that its money moved: ${source}, ${what}`;
}

function violation(paymentId: bigint, detail: string): Violation {
  return { invariant: 'I15', paymentId, detail };
}

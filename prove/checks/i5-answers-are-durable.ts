import { readAcceptance } from '../load/client.ts';
import type { Answer } from '../load/client-journal.ts';
import type { PaymentRow, Violation, World } from '../world/world.ts';
import { askedMinor } from './asked-amount.ts';

/**
 * I5. Every 2xx that a client saw is in the database with the same content; every answer that is kept with a key is the same
 * bytes each time; every callback that was answered 2xx is stored; and nothing that was accepted is forgotten.
 */
export function checkAnswersAreDurable(world: World): Violation[] {
  const payments = new Map(world.payments.map((payment) => [payment.id, payment]));
  return [
    ...world.answers.flatMap((answer) => checkAnswer(answer, payments)),
    ...checkReplays(world.answers),
    ...checkUsers(world),
    ...checkCallbacks(world),
    ...world.payments
      .filter(isForgotten)
      .map(({ id, status }) =>
        violation(id, `payment ${id} is ${status}, and neither a task nor an inquiry will go on with it`),
      ),
  ];
}

/** Refusals that are stored with a key, too. */
const KEPT_REFUSALS: ReadonlySet<string | null> = new Set([
  'insufficient-funds',
  'refund-exceeds-deposit',
  'wallet-frozen',
]);

function checkAnswer(answer: Answer, payments: ReadonlyMap<bigint, PaymentRow>): Violation[] {
  const accepted = readAcceptance(answer);
  if (!accepted) return [];
  const { paymentId } = accepted;
  const payment = payments.get(paymentId);
  const { intent, status, body } = answer;
  if (!payment)
    return [violation(paymentId, `a client saw ${status} for payment ${paymentId}, which does not exist`)];
  const asked = askedMinor(payment);
  const isSame = [accepted, intent].every(
    ({ userId, type, amountMinor }) =>
      userId === payment.userId && type === payment.type && amountMinor === asked,
  );
  if (isSame) return [];
  return [
    violation(
      paymentId,
      `a client asked for a ${intent.type} of ${intent.amountMinor} for user ${intent.userId} and saw ${status} ${body}; payment ${paymentId} is a ${payment.type} of ${asked} for user ${payment.userId}`,
    ),
  ];
}

function checkReplays(answers: readonly Answer[]): Violation[] {
  const kept = answers.filter(
    (answer) => answer.intent.key !== null && (readAcceptance(answer) || KEPT_REFUSALS.has(answer.code)),
  );
  const byKey = Map.groupBy(kept, ({ intent }) => `${intent.userId} ${intent.key}`);
  return [...byKey].flatMap(([key, same]) => {
    const bodies = new Set(same.map(({ status, body }) => `${status} ${body}`));
    if (bodies.size === 1) return [];
    const paymentId = same.map(readAcceptance).find(Boolean)?.paymentId ?? null;
    return [
      violation(
        paymentId,
        `the key (user and key: ${key}) was answered in ${bodies.size} ways: ${[...bodies].join(' | ')}`,
      ),
    ];
  });
}

function checkUsers({ openingMinor, accounts, steps, entries }: World): Violation[] {
  // Each began in dollars, and may have had other wallets since.
  const walletOf = new Map(
    accounts.flatMap(({ userId, currency, name, id }) =>
      currency === 'USD' && name === '' ? [[userId, id] as const] : [],
    ),
  );
  const stepOf = new Map(steps.map(({ reference, id }) => [reference, id]));
  const amountOf = new Map(
    entries.map((entry) => [`${entry.transactionId} ${entry.accountId}`, entry.amountMinor]),
  );
  return [...openingMinor].flatMap(([userId, balanceMinor]) => {
    const found = amountOf.get(`${stepOf.get(`user:${userId}`)} ${walletOf.get(userId)}`);
    if (found === balanceMinor) return [];
    return [violation(null, `user ${userId} was created with ${balanceMinor}, and the ledger says ${found}`)];
  });
}

function checkCallbacks({ takenCallbacks, events, payments }: World): Violation[] {
  const stored = new Map(events.map(({ eventId, reference, status }) => [eventId, `${reference} ${status}`]));
  const idOf = new Map(payments.map(({ reference, id }) => [reference, id]));
  return takenCallbacks
    .filter(({ eventId, reference, status }) => stored.get(eventId) !== `${reference} ${status}`)
    .map(({ eventId, reference, status }) =>
      violation(
        idOf.get(reference) ?? null,
        `the callback ${eventId} (${reference} ${status}) was answered 2xx, and what is stored is ${stored.get(eventId) ?? 'nothing'}`,
      ),
    );
}

function isForgotten({ status, hasTask, hasInquiry }: PaymentRow): boolean {
  return (status === 'new' || status === 'unknown') && !hasTask && !hasInquiry;
}

function violation(paymentId: bigint | null, detail: string): Violation {
  return { invariant: 'I5', paymentId, detail };
}

import type { AttemptRow, GatewayCall, PaymentRow, Violation, World } from '../world/world.ts';

/**
 * I6. Every send that reached the gateway has an attempt of its own, which was committed before it arrived; and a send whose
 * predecessor may have executed comes after a question that was answered "not found".
 */
export function checkCallsAreAnnounced({ calls, payments, attempts }: World): Violation[] {
  const sharedBy = Map.groupBy(payments, ({ reference }) => reference);
  const attemptsOf = Map.groupBy(attempts, ({ paymentId }) => paymentId);
  return [...Map.groupBy(calls, ({ reference }) => reference)].flatMap(([reference, own]) => {
    const sends = own.filter(({ kind }) => kind === 'pay');
    // A redrive makes a payment under the reference of the one that failed.
    const shared = (sharedBy.get(reference) ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const payment = shared.at(-1);
    if (!payment)
      return sends.length > 0
        ? [
            {
              invariant: 'I6',
              paymentId: null,
              detail: `the gateway got ${reference}, which is no payment of ours`,
            },
          ]
        : [];
    const made = shared
      .flatMap(({ id }) => attemptsOf.get(id) ?? [])
      .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
    return [...checkAttempts(payment, sends, made), ...checkQuestions(payment, own, made)];
  });
}

function checkAttempts(
  payment: PaymentRow,
  sends: readonly GatewayCall[],
  made: readonly AttemptRow[],
): Violation[] {
  const startedAt = made
    .filter(({ outcome }) => outcome !== 'not_sent')
    .map((attempt) => attempt.startedAt.getTime())
    .sort((a, b) => a - b);
  return sends.flatMap(({ at }, index) => {
    const announcedAt = startedAt[index];
    if (announcedAt !== undefined && announcedAt <= at.getTime()) return [];
    const known = startedAt.filter((time) => time <= at.getTime()).length;
    return [
      violation(
        payment,
        `send ${index + 1} of payment ${payment.id} reached the gateway at ${at.toISOString()}, when ${known} attempts had been written down`,
      ),
    ];
  });
}

/** The gateway, or a proxy in front of it, did nothing and said so. */
const DEFINITE = new Set(['rate_limit', 'rate_limit_silently', 'unauthorized', 'forbidden', 'no_route']);

function checkQuestions(
  payment: PaymentRow,
  own: readonly GatewayCall[],
  made: readonly AttemptRow[],
): Violation[] {
  // A worker that lost its lease may have asked before another one sent: then the order in which they arrive says nothing.
  if (hasLostLease(made)) return [];
  let questions = 0;
  let needed = 0;
  let previous: GatewayCall | undefined;
  for (const call of own) {
    if (call.kind === 'inquiry' && call.result === 'not_found') questions += 1;
    if (call.kind !== 'pay') continue;
    if (previous && !DEFINITE.has(previous.result)) needed += 1;
    if (needed > questions) {
      return [
        violation(
          payment,
          `payment ${payment.id} was sent again at ${call.at.toISOString()} after "${previous?.result}", and the gateway had not said "not found"`,
        ),
      ];
    }
    previous = call;
  }
  return [];
}

function hasLostLease(made: readonly AttemptRow[]): boolean {
  return made.some(
    ({ outcome, finishedAt }, index) =>
      outcome === 'abandoned' ||
      made.slice(index + 1).some((next) => finishedAt && next.startedAt < finishedAt),
  );
}

function violation({ id }: PaymentRow, detail: string): Violation {
  return { invariant: 'I6', paymentId: id, detail };
}

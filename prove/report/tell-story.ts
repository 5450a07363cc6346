import type { World } from '../world/world.ts';

interface Event {
  readonly at: Date;
  readonly text: string;
}

/** Everything that is known about one payment, in order, one line for each event. */
export function tellStory(world: World, paymentId: bigint): string[] {
  const payment = world.payments.find(({ id }) => id === paymentId);
  const reference = payment?.reference ?? '';
  const holds = world.holds.filter(
    ({ purpose, subjectId }) => purpose === 'payment' && subjectId === paymentId,
  );
  const held = holds.map(({ amountMinor }) => `, holds ${amountMinor}`).join('');
  const accountNames = new Map(world.accounts.map(({ id, kind }) => [id, `${kind} ${id}`]));
  const events: Event[] = [
    ...world.answers
      .filter(
        ({ body }) =>
          body.includes(`"payment_id":${paymentId},`) || body.endsWith(`"payment_id":${paymentId}}`),
      )
      .map(({ sentAt, api, status, body, intent, isReplay }) => ({
        at: sentAt,
        text: `client   asked ${api} with key ${intent.key}: ${status}${isReplay ? ' (replay)' : ''} ${body}`,
      })),
    ...(payment
      ? [
          {
            at: payment.createdAt,
            text: `payment  accepted: ${payment.type} of ${payment.amountMinor}, fee ${payment.feeMinor}, user ${payment.userId}`,
          },
          { at: payment.updatedAt, text: `payment  last change: ${payment.status}` },
        ]
      : []),
    ...world.attempts
      .filter((attempt) => attempt.paymentId === paymentId)
      .flatMap(({ startedAt, finishedAt, runLease, worker, outcome, inquiry, errorClass }) => [
        { at: startedAt, text: `attempt  run ${runLease} claimed by ${worker}` },
        ...(finishedAt
          ? [
              {
                at: finishedAt,
                text: `attempt  run ${runLease} ended: ${outcome}, inquiry ${inquiry}, ${errorClass}`,
              },
            ]
          : []),
      ]),
    ...world.steps
      .filter((step) => step.reference === `payment:${paymentId}`)
      .map(({ id, step, createdAt }) => {
        const legs = world.entries
          .filter(({ transactionId }) => transactionId === id)
          .map(({ accountId, amountMinor }) => `${accountNames.get(accountId)} ${amountMinor}`);
        return { at: createdAt, text: `ledger   ${step}: ${legs.join(', ')}` };
      }),
    ...world.deadLetters
      .filter((letter) => letter.paymentId === paymentId)
      .flatMap(({ createdAt, reason, action, actionAt, actionBy, redrivenPaymentId }) => [
        { at: createdAt, text: `letter   ${reason}` },
        ...(actionAt
          ? [{ at: actionAt, text: `letter   ${action} by ${actionBy} ${redrivenPaymentId ?? ''}` }]
          : []),
      ]),
    ...world.evidence
      .filter((row) => (row.reference === null ? row.paymentId === paymentId : row.reference === reference))
      .flatMap(({ committedAt, source, what }) =>
        committedAt ? [{ at: committedAt, text: `evidence ${source}: ${what}` }] : [],
      ),
    ...world.resolutions
      .filter((resolution) => resolution.paymentId === paymentId)
      .map(({ createdAt, outcome, by }) => ({
        at: createdAt,
        text: `person   resolved as ${outcome} by ${by}`,
      })),
    ...world.payments
      .filter(({ redriveOf }) => redriveOf === paymentId)
      .map(({ createdAt, id, reference: newer }) => ({
        at: createdAt,
        text: `payment  redriven as payment ${id}, reference ${newer}`,
      })),
    ...world.calls
      .filter((call) => call.reference === reference)
      .map(({ at, kind, result }) => ({ at, text: `gateway  ${kind}: ${result}` })),
    ...world.book
      .filter((entry) => entry.reference === reference)
      .map(({ executedAt, type, amountMinor }) => ({
        at: executedAt,
        text: `gateway  executed a ${type} of ${amountMinor}`,
      })),
  ];
  return [
    `payment ${paymentId}, reference ${reference || 'none'}, ${payment?.status ?? 'not in the database'}${held}`,
    ...events
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .map(({ at, text }) => `  ${at.toISOString()}  ${text}`),
  ];
}

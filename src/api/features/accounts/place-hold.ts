import type { Request } from 'express';
import type { NamedWallet } from '../../../commands/named-wallet.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type { Money } from '../../../money/money.ts';
import type { OrderName } from '../../../order-holds/order-hold.ts';
import type { ApiContext } from '../../server/api-context.ts';
import type { Answer } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { requestPath } from '../../server/request-path.ts';
import { answerAboutHold, answerByKey, readHoldClaim } from './answer-hold-command.ts';
import { userNotFound, walletNotFound } from './hold-problems.ts';

/** What is refused without a hold that could be read. */
const LEAVES_NO_HOLD: ReadonlySet<string> = new Set(['hold_not_funded', 'wallet_frozen', 'wallet_closed']);

interface HoldOrder extends OrderName, Money {
  /** The wallet, if it was named. */
  readonly wallet: NamedWallet | undefined;
  readonly expiresInSeconds: number;
  readonly route: string;
  /** What of the request says whose wallet it is and which. */
  readonly understood: Readonly<Record<string, string>>;
}

/**
 * Holds money of a wallet for an order, and answers with the hold.
 * @throws Problem where there is no such user or wallet, or the key leads to no answer.
 */
export async function placeHold(
  context: ApiContext,
  request: Request,
  { userId, orderId, amountMinor, currency, wallet, expiresInSeconds, route, understood }: HoldOrder,
): Promise<Answer> {
  const { metrics, orderHolder } = context;
  const order = { userId, orderId };
  const idempotency = readHoldClaim(context, request, {
    route,
    understood: {
      ...understood,
      order_id: JSON.stringify(orderId),
      amount: formatAmount(amountMinor, currency),
      currency,
      expires_in_seconds: String(expiresInSeconds),
    },
  });
  const outcome = await orderHolder.execute({
    ...order,
    ...{ amountMinor, currency, wallet, idempotency },
    expiresInMs: expiresInSeconds * 1000,
    path: requestPath(request),
    traceparent: readTraceparent(request),
  });
  if (outcome.kind !== 'decided') return answerByKey(context, outcome, { action: 'hold', order });
  const { result } = outcome;
  if (result.kind !== 'answered') {
    metrics.orderHolds.refused('hold', result.kind);
    throw result.kind === 'user_not_found'
      ? userNotFound(userId, 'user_id')
      : walletNotFound({ userId, currency }, 'currency');
  }
  if (result.decided === 'placed') metrics.orderHolds.happened('placed');
  else if (result.decided !== 'found') metrics.orderHolds.refused('hold', result.decided);
  return answerAboutHold(result.response, LEAVES_NO_HOLD.has(result.decided) ? null : order);
}

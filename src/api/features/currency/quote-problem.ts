import type { OfferRequest } from '../../../conversions/quotes/decide-offer.ts';
import type { OfferOutcome } from '../../../conversions/quotes/offer-quote.ts';
import type { FixedSide } from '../../../conversions/quotes/price-quote.ts';
import { formatAmount, MAX_AMOUNT_MINOR } from '../../../money/decimal-amount.ts';
import { Problem } from '../../problems/problem.ts';
import { walletStateProblem } from '../../problems/wallet-state-problem.ts';

/** Why a user is offered nothing, with the field that it is about. */
export function quoteProblem(
  outcome: Exclude<OfferOutcome, { kind: 'offered' }>,
  { userId, fromCurrency: from, toCurrency: to, fromWalletId, toWalletId, fixedSide }: OfferRequest,
): Problem {
  const fixed = fixedSide === 'from' ? 'amount' : 'to_amount';
  const about = (field: string, message: string) => ({ errors: [{ field, message }] });
  const walletIds = { from: fromWalletId, to: toWalletId };
  /** What of the request led to the wallet. */
  const fieldOfSide = (side: FixedSide) => (walletIds[side] === null ? side : `${side}_wallet_id`);
  switch (outcome.kind) {
    case 'user_not_found':
      return new Problem('user-not-found', {
        detail: `There is no user ${userId}.`,
        ...about('user_id', 'is not a user'),
      });
    case 'wallet_frozen':
    case 'wallet_closed':
      return walletStateProblem(outcome, fieldOfSide(outcome.side));
    case 'wallet_not_found': {
      const { side } = outcome;
      const [currency, walletId] = [side === 'from' ? from : to, walletIds[side]];
      const [wallet, message] =
        walletId === null
          ? ['wallet', `is ${currency}, in which user ${userId} has no wallet`]
          : [`wallet ${walletId}`, `is no wallet of user ${userId} in ${currency}`];
      return new Problem('wallet-not-found', {
        detail: `User ${userId} has no ${wallet} in ${currency}. Nothing was done.`,
        ...about(fieldOfSide(side), message),
      });
    }
    case 'rate_unknown':
      return rateUnknown(from, to);
    case 'rate_held':
      return new Problem('rate-held', {
        detail: `The rate from ${from} to ${to} has jumped and waits for an operator. Nothing was done.`,
        ...about('to', `is ${to}, whose rate from ${from} is held`),
      });
    case 'rate_stale':
      return new Problem('rate-stale', {
        detail: `The newest rate from ${from} to ${to} is of ${outcome.asOf.toISOString()}, which is too old. Nothing was done.`,
        ...about('to', `is ${to}, whose rate from ${from} is too old`),
      });
    case 'too_many_quotes':
      return new Problem('too-many-quotes', {
        detail: `User ${userId} has ${outcome.maxOpen} open quotes, which is as many as there may be. Nothing was done.`,
        ...about('user_id', `is a user with ${outcome.maxOpen} open quotes`),
      });
    case 'too_small':
      return new Problem('conversion-too-small', {
        detail: `It comes to less than ${formatAmount(1n, to)} ${to}. Nothing was done.`,
        ...about(fixed, `must come to at least ${formatAmount(1n, to)} ${to}`),
      });
    case 'too_large': {
      const computed = fixedSide === 'from' ? to : from;
      const most = `${formatAmount(MAX_AMOUNT_MINOR, computed)} ${computed}`;
      return new Problem('conversion-too-large', {
        detail: `It comes to more than ${most}. Nothing was done.`,
        ...about(fixed, `must come to at most ${most}`),
      });
    }
  }
}

export function rateUnknown(from: string, to: string): Problem {
  return new Problem('rate-unknown', {
    detail: `There is no rate from ${from} to ${to}. Nothing was done.`,
    errors: [{ field: 'to', message: `is ${to}, for which there is no rate from ${from}` }],
  });
}

export function sameCurrency(currency: string): Problem {
  return new Problem('same-currency', {
    detail: `Both currencies are ${currency}. Nothing was done.`,
    errors: [{ field: 'to', message: 'must be another currency than from' }],
  });
}

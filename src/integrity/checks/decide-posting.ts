import type { Rule, Violation } from '../violation.ts';
import type { PostedLeg, PostedTransaction } from './posted-legs.sql.ts';

/**
 * Checks that a posting touches the accounts of its kind and no others, whatever its amounts. A capture takes money from a wallet of the
 * user whose hold it is, and brings it to a wallet of another user or to our sales (I10); a transfer goes from a wallet to a wallet (I5);
 * a conversion goes through `fx` (I12).
 */
export function decidePosting(posting: PostedTransaction): Violation[] {
  const [kind = ''] = posting.reference.split(':');
  const check = CHECKS[kind];
  if (!check || check.fits(posting)) return [];
  const detail = `${posting.reference} ${posting.step} is posted to ${posting.legs.map(sayLeg).join(', ')}`;
  return [{ rule: check.rule, subject: `transaction:${posting.transactionId}`, fingerprint: detail, detail }];
}

const CHECKS: Readonly<
  Record<string, { readonly rule: Rule; readonly fits: (posting: PostedTransaction) => boolean }>
> = {
  hold: { rule: 'capture_reaches_its_target', fits: isCapture },
  transfer: { rule: 'transfer_has_its_legs', fits: isTransfer },
  conversion: { rule: 'conversion_has_its_legs', fits: isConversion },
};

function isCapture({ step, userId, legs }: PostedTransaction): boolean {
  const ends = endsOf(legs);
  if (!ends || !/^capture:[1-9][0-9]*$/.test(step)) return false;
  const { giver, receiver } = ends;
  const isOther = receiver.kind === 'wallet' && receiver.ownerId !== userId;
  return isWalletOf(giver, userId) && (isOther || receiver.kind === 'sales');
}

/** A third leg may be our fee. */
function isTransfer({ userId, legs }: PostedTransaction): boolean {
  const wallets = legs.filter(({ kind }) => kind === 'wallet');
  const fees = legs.filter(({ kind }) => kind === 'fee');
  const isInOneCurrency = new Set(legs.map(({ currency }) => currency)).size === 1;
  return (
    isInOneCurrency &&
    wallets.length === 2 &&
    fees.length <= 1 &&
    legs.length === wallets.length + fees.length &&
    wallets.some((leg) => isWalletOf(leg, userId) && leg.amountMinor < 0n) &&
    [...wallets, ...fees].filter(({ amountMinor }) => amountMinor > 0n).length === legs.length - 1
  );
}

/** Money of one currency goes from one account to another. */
function endsOf(
  legs: readonly PostedLeg[],
): { readonly giver: PostedLeg; readonly receiver: PostedLeg } | undefined {
  const giver = legs.find(({ amountMinor }) => amountMinor < 0n);
  const receiver = legs.find(({ amountMinor }) => amountMinor > 0n);
  if (legs.length !== 2 || !giver || !receiver) return undefined;
  const isWhole = giver.amountMinor === -receiver.amountMinor && giver.currency === receiver.currency;
  return isWhole ? { giver, receiver } : undefined;
}

/** In one currency a wallet gives and `fx` and the fee get; in another one `fx` gives and a wallet gets. A leg of 0 is not written. */
function isConversion({ userId, legs }: PostedTransaction): boolean {
  const from = legs.find((leg) => isWalletOf(leg, userId) && leg.amountMinor < 0n)?.currency;
  const to = legs.find((leg) => isWalletOf(leg, userId) && leg.amountMinor > 0n)?.currency;
  const kindsIn = (currency: string | null | undefined) =>
    legs
      .filter((leg) => leg.currency === currency)
      .map(({ kind }) => kind)
      .toSorted()
      .join(' ');
  if (!from || !to || from === to || legs.some((leg) => leg.currency !== from && leg.currency !== to))
    return false;
  return ['fx wallet', 'fee fx wallet', 'fee wallet'].includes(kindsIn(from)) && kindsIn(to) === 'fx wallet';
}

function isWalletOf({ kind, ownerId }: PostedLeg, userId: bigint | null): boolean {
  return kind === 'wallet' && ownerId === userId;
}

function sayLeg({ kind, ownerId, currency, amountMinor }: PostedLeg): string {
  if (kind === null) return `an account that does not exist (${amountMinor})`;
  return `${kind}${ownerId === null ? '' : ` of user ${ownerId}`} (${amountMinor} ${currency})`;
}

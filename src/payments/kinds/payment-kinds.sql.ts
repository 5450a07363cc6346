import { kindOf, PAYMENT_TYPES } from './payment-kinds.ts';

/** The rules of the kinds as SQL expressions. The kinds' names are ours and need no quoting. */

/** Whether a payment of this type holds money while its outcome is open. */
export function holdsFunds(type: string): string {
  return isOneOf(
    type,
    PAYMENT_TYPES.filter((each) => kindOf(each).needsFunds),
  );
}

/** The amount that a payment holds, as an expression over the columns of its row. */
export function neededAmount(type: string, { amount, fee }: AmountColumns): string {
  return choose(type, (each) => {
    const weigh = kindOf(each).neededMinor;
    return sumOf(
      { amount, fee },
      weigh({ amountMinor: 1n, feeMinor: 0n }),
      weigh({ amountMinor: 0n, feeMinor: 1n }),
    );
  });
}

/** What a payment adds to its wallet once it is settled, negative for what it takes. */
export function walletChange(type: string, { amount, fee }: AmountColumns): string {
  return choose(type, (each) => {
    const weigh = kindOf(each).settledMinor;
    return sumOf(
      { amount, fee },
      weigh({ amountMinor: 1n, feeMinor: 0n }).walletMinor,
      weigh({ amountMinor: 0n, feeMinor: 1n }).walletMinor,
    );
  });
}

/** What was asked of us, of a row of payments that a statement calls by this name; its `amount` is what the gateway moves. */
export function askedAmount(row: string): string {
  const otherPays = choose(`${row}.type`, (each) => {
    const weigh = (amountMinor: bigint, feeMinor: bigint) =>
      kindOf(each).askedMinor({ amountMinor, feeMinor, walletPaysFee: false });
    return sumOf({ amount: `${row}.amount`, fee: `${row}.fee` }, weigh(1n, 0n), weigh(0n, 1n));
  });
  return `(case when ${row}.wallet_pays_fee then ${row}.amount else ${otherPays} end)`;
}

/** The gateway's name for a payment of this type. */
export function gatewayDirection(type: string): string {
  return choose(type, (each) => `'${kindOf(each).direction}'`);
}

interface AmountColumns {
  readonly amount: string;
  readonly fee: string;
}

function isOneOf(type: string, types: readonly string[]): string {
  return `${type} in (${types.map((each) => `'${each}'`).join(', ')})`;
}

function choose(type: string, expressionOf: (each: (typeof PAYMENT_TYPES)[number]) => string): string {
  return `case ${type} ${PAYMENT_TYPES.map((each) => `when '${each}' then ${expressionOf(each)}`).join(' ')} end`;
}

/** A kind's amounts are linear combinations of amount and fee. */
function sumOf({ amount, fee }: AmountColumns, amounts: bigint, fees: bigint): string {
  return `(${amounts} * ${amount} + ${fees} * ${fee})`;
}

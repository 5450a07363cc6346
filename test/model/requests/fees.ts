import { type Currency, decimal } from '../currencies.ts';
import { type FeeKind, type FeePayer, type ModelFee, percentOf, usualPayer } from '../fees.ts';
import { type Drawn, expectProblem, pick, pickCurrency } from './model-request.ts';

const NO_FEE = 999_999_999;
const PATH = '/api/v1/currency/fees';

export interface FeeWish {
  readonly kind: FeeKind;
  /** null: for every currency, and then it is a percentage alone. */
  readonly currency: number | null;
  /** In ten-thousandths of a percent. */
  readonly share: number;
  readonly fixed: number;
  readonly least: number | null;
  /** By how much the most is above the least. */
  readonly mostAbove: number | null;
  /** null: who usually pays. */
  readonly payer: FeePayer | null;
}

/** From now on something costs something else. */
export function setFee(wanted: FeeWish): Drawn {
  return () => {
    const { kind, payer } = wanted;
    const currency = wanted.currency === null ? null : pickCurrency(wanted.currency);
    const least = currency === null || wanted.least === null ? null : BigInt(wanted.least);
    const fee: Omit<ModelFee, 'id'> = {
      kind,
      currency,
      share: BigInt(wanted.share),
      fixed: currency === null ? 0n : BigInt(wanted.fixed),
      least,
      most: currency === null || wanted.mostAbove === null ? null : (least ?? 0n) + BigInt(wanted.mostAbove),
      payer: payer ?? usualPayer(kind),
    };
    const body = {
      ...{ kind, percent: percentOf(fee.share), reason: 'the model wants it' },
      ...(payer === null ? {} : { payer }),
      ...(currency === null ? {} : { currency, ...amountsOf(fee, currency) }),
    };
    return {
      kind: 'set fee',
      label: `set fee ${JSON.stringify(body)}`,
      key: null,
      send: ({ api }) => api.post(PATH, body),
      judge(oracle, answer) {
        const set = { ...fee, id: answer.json.after?.id };
        const before = oracle.setFee(set);
        expect(answer).toMatchObject({
          status: 201,
          json: { action: 'set', before: before ? renderFee(before) : null, after: renderFee(set) },
        });
      },
    };
  };
}

/** A fee is taken out of the schedule: one that is valid, that was once, or that never was. */
export function endFee(number: number): Drawn {
  return ({ fees, endedFees }) => {
    const among = number % 5 === 0 ? [...endedFees, NO_FEE] : fees.map(({ id }) => id);
    const id = among.length === 0 ? NO_FEE : pick(among, number);
    return {
      kind: 'end fee',
      label: `end fee ${id}`,
      key: null,
      send: ({ api }) => api.post(`${PATH}/${id}/end`, { reason: 'the model wants it' }),
      judge(oracle, answer) {
        const fee = oracle.findFee(id);
        if (oracle.endedFees.has(id)) return expectProblem(answer, 409, 'fee-ended');
        if (!fee) return expectProblem(answer, 404, 'fee-not-found');
        expect(answer).toMatchObject({
          status: 200,
          json: { action: 'end', before: renderFee(fee), after: null },
        });
        oracle.endFee(id);
      },
    };
  };
}

function amountsOf({ fixed, least, most }: Pick<ModelFee, 'fixed' | 'least' | 'most'>, currency: Currency) {
  const given = Object.entries({ fixed, least, most }).filter((each) => each[1] !== null);
  return Object.fromEntries(given.map(([name, amount]) => [name, decimal(amount as bigint, currency)]));
}

/** A row of the schedule as people see it. */
export function renderFee({ id, kind, currency, share, fixed, least, most, payer }: ModelFee) {
  const minor = (amount: bigint | null) => (amount === null || currency === null ? null : `${amount}`);
  return {
    ...{ id, source: 'schedule', kind, currency, percent: percentOf(share), payer },
    fixed_minor: minor(fixed),
    least_minor: minor(least),
    most_minor: minor(most),
  };
}

import fc, { type Arbitrary, type AsyncCommand } from 'fast-check';
import type { ApiAnswer } from '../support/api-server.ts';
import { compareWithOracle } from './compare.ts';
import { type AskMode, costOf, feeOf, type ModelPayment, type Oracle, type PayMode } from './oracle.ts';
import type { ModesOf, RealSystem } from './real-system.ts';

/** What commands know of their run. */
export interface Model {
  readonly oracle: Oracle;
  /** Keys of users that do not exist yet share one scope, so each run has its own. */
  readonly runName: string;
}
type Command = AsyncCommand<Model, RealSystem>;

/** A command that compares everything when it is done. */
function command(
  label: string,
  run: (model: Model, real: RealSystem) => Promise<void>,
  check: (model: Model) => boolean = () => true,
): Command {
  return {
    check,
    async run(model, real) {
      await run(model, real);
      await compareWithOracle(model.oracle, real);
    },
    toString: () => label,
  };
}

const hasUsers = ({ oracle }: Model) => oracle.users.size > 0;
const pick = <T>(items: readonly T[], number: number) => items[number % items.length] as T;
const cents = (amount: bigint) => Number(amount) / 100;

function createUser(balance: number, key: number | null): Command {
  return command(`create user with ${balance}, key ${key}`, async ({ oracle, runName }, { api }) => {
    const name = key === null ? null : `${runName}-user-${key}`;
    const request = `create ${balance}`;
    const used = name === null ? undefined : oracle.keys.get(name);
    const answer = await api.post(
      '/api/v1/users',
      { balance: balance / 100 },
      name ? { 'Idempotency-Key': name } : {},
    );
    if (used) {
      expectKeyAnswer(answer, used, request);
      return;
    }
    expect(answer).toMatchObject({ status: 201, json: { balance: balance / 100, available: balance / 100 } });
    oracle.users.set(answer.json.id, { id: answer.json.id, posted: BigInt(balance) });
    if (name) oracle.keys.set(name, { request, status: 201, body: answer.text, isExpired: false });
  });
}

function expectKeyAnswer(
  answer: ApiAnswer,
  used: {
    readonly request: string;
    readonly status: number;
    readonly body: string;
    readonly isExpired: boolean;
  },
  request: string,
): void {
  if (used.request !== request)
    expect(answer).toMatchObject({ status: 422, json: { code: 'idempotency-key-reused' } });
  else if (used.isExpired)
    expect(answer).toMatchObject({ status: 409, json: { code: 'idempotency-key-expired' } });
  else {
    expect([answer.status, answer.text]).toEqual([used.status, used.body]);
    expect(answer.headers.get('idempotency-replayed')).toBe('true');
  }
}

interface PaymentWish {
  readonly type: 'deposit' | 'withdraw';
  readonly user: number;
  /** Cents; for a withdrawal relative to what the wallet can just pay. */
  readonly amount: number;
  readonly isAroundBalance: boolean;
  readonly key: number | null;
}

/** The largest amount that is covered with its fee. */
function largestWithdrawal(available: bigint): bigint {
  let amount = (available * 1000n) / 1025n + 2n;
  while (amount > 0n && amount + feeOf(amount) > available) amount -= 1n;
  return amount;
}

function decideWish({ type, user, amount, isAroundBalance, key }: PaymentWish, oracle: Oracle) {
  const { id: userId } = pick([...oracle.users.values()], user);
  const wanted = isAroundBalance
    ? largestWithdrawal(oracle.available(userId)) + BigInt(amount % 3) - 1n
    : BigInt(amount);
  const value = wanted < 1n ? 1n : wanted;
  return {
    type,
    userId,
    value,
    request: `${type} ${value}`,
    keyName: key === null ? null : `key-${key}`,
    path: `/api/v1/payments/${type}`,
    body: { user_id: userId, [type === 'deposit' ? 'deposit' : 'amount']: cents(value) },
  };
}
type Wish = ReturnType<typeof decideWish>;

const sendWish = ({ path, body, keyName }: Wish, { api }: RealSystem) =>
  api.post(path, body, keyName ? { 'Idempotency-Key': keyName } : {});
const keyOf = ({ userId, keyName }: Pick<Wish, 'userId' | 'keyName'>) => `${userId} ${keyName}`;

/** Checks the answer to a wish, and notes what it did. */
function noteAnswer(wish: Wish, answer: ApiAnswer, oracle: Oracle): void {
  const used = wish.keyName === null ? undefined : oracle.keys.get(keyOf(wish));
  if (used) {
    expectKeyAnswer(answer, used, wish.request);
    return;
  }
  const { type, userId, value } = wish;
  const available = oracle.available(userId);
  const isTaken = type === 'deposit' || value + feeOf(value) <= available;
  if (isTaken)
    expect(answer).toMatchObject({
      status: 202,
      json: { user_id: userId, status: 'processing', [type]: cents(value) },
    });
  else {
    const needed = cents(value + feeOf(value));
    expect(answer).toMatchObject({
      status: 422,
      json: { code: 'insufficient-funds', needed, available: cents(available) },
    });
  }
  expect(answer.headers.get('idempotency-replayed')).toBeNull();
  oracle.addPayment({ id: answer.json.payment_id, userId, type, amount: value }, { isTaken });
  if (wish.keyName) {
    oracle.keys.set(keyOf(wish), {
      request: wish.request,
      status: answer.status,
      body: answer.text,
      isExpired: false,
    });
  }
}

function pay(wanted: PaymentWish): Command {
  const label = `${wanted.type} ${wanted.isAroundBalance ? 'around the balance' : wanted.amount}, key ${wanted.key}`;
  return command(
    label,
    async ({ oracle }, real) => {
      const wish = decideWish(wanted, oracle);
      noteAnswer(wish, await sendWish(wish, real), oracle);
    },
    hasUsers,
  );
}

/** Two requests with one key at the same moment: one is executed, and the other is told what became of it. */
function payTwiceAtOnce(
  wanted: PaymentWish,
  { isSameRequest }: { readonly isSameRequest: boolean },
): Command {
  return command(
    `${wanted.type} ${wanted.amount} twice at once, key ${wanted.key}, ${isSameRequest ? 'same' : 'other'} body`,
    async ({ oracle }, real) => {
      const first = decideWish(wanted, oracle);
      const second = isSameRequest ? first : decideWish({ ...wanted, amount: wanted.amount + 1 }, oracle);
      const told = await Promise.all(
        [first, second].map(async (wish) => ({ wish, answer: await sendWish(wish, real) })),
      );
      // The one that was executed goes first; it is the one that was neither replayed nor refused for its key.
      const isExecuted = ({ answer }: (typeof told)[number]) =>
        answer.headers.get('idempotency-replayed') === null && answer.json.code !== 'idempotency-key-reused';
      for (const { wish, answer } of told.toSorted((a, b) => Number(isExecuted(b)) - Number(isExecuted(a)))) {
        noteAnswer(wish, answer, oracle);
      }
    },
    hasUsers,
  );
}

/** A refund of some payment, which need not be a deposit, nor settled; without an amount of all that is left. */
function refund(wanted: {
  readonly payment: number;
  readonly amount: number | null;
  readonly isAroundRest: boolean;
  readonly key: number | null;
}): Command {
  return command(
    `refund of ${wanted.isAroundRest ? 'around the rest' : (wanted.amount ?? 'the rest')}, key ${wanted.key}`,
    async ({ oracle }, { api }) => {
      const deposits = [...oracle.payments.values()].filter(({ type }) => type === 'deposit');
      // Mostly of a deposit.
      const among = deposits.length > 0 && wanted.payment % 4 > 0 ? deposits : [...oracle.payments.values()];
      const deposit = pick(among, wanted.payment);
      const { id, userId } = deposit;
      const isRefundable = deposit.type === 'deposit' && deposit.status === 'success';
      const left = isRefundable ? oracle.leftOf(deposit) : 0n;
      const asked = wanted.isAroundRest
        ? left + BigInt((wanted.amount ?? 0) % 3) - 1n
        : BigInt(wanted.amount ?? 0);
      const value = wanted.amount === null ? null : asked < 1n ? 1n : asked;
      const keyName = wanted.key === null ? null : `key-${wanted.key}`;
      const answer = await api.post(
        `/api/v1/payments/${id}/refunds`,
        value === null ? {} : { amount: cents(value) },
        keyName ? { 'Idempotency-Key': keyName } : {},
      );
      if (!isRefundable) {
        expect(answer.status).toBe(409);
        expect(['payment-not-refundable', 'deposit-not-settled']).toContain(answer.json.code);
        return;
      }
      const request = `refund ${id} ${value ?? 'rest'}`;
      const used = keyName === null ? undefined : oracle.keys.get(keyOf({ userId, keyName }));
      if (used) {
        expectKeyAnswer(answer, used, request);
        return;
      }
      const amount = value ?? left;
      if (amount > left || amount === 0n)
        expect(answer).toMatchObject({
          status: 422,
          json: { code: 'refund-exceeds-deposit', left: cents(left) },
        });
      else {
        const fee = oracle.feeBack(deposit, amount);
        const isTaken = amount - fee <= oracle.available(userId);
        expect(answer).toMatchObject(
          isTaken
            ? { status: 202, json: { refund: cents(amount), refund_of: id } }
            : { status: 422, json: { code: 'insufficient-funds', needed: cents(amount - fee) } },
        );
        oracle.addPayment(
          { id: answer.json.payment_id, userId, type: 'refund', amount, fee, refundOf: id },
          { isTaken },
        );
      }
      if (keyName)
        oracle.keys.set(keyOf({ userId, keyName }), {
          request,
          status: answer.status,
          body: answer.text,
          isExpired: false,
        });
    },
    ({ oracle }) => oracle.payments.size > 0,
  );
}

interface Modes {
  readonly pay: readonly PayMode[];
  readonly ask: AskMode;
}
const modesOf =
  ({ pay: payModes, ask }: Modes): ModesOf =>
  (paymentId) => ({ pay: pick(payModes, paymentId), ask });

function runWorker(modes: Modes, { isLateReported }: { readonly isLateReported: boolean }): Command {
  return command(`worker: ${modes.pay.join(', ')}; asked: ${modes.ask}`, async ({ oracle }, real) => {
    const late = await real.runWorker(modesOf(modes), { isLateReported });
    expect(late.filter((result) => result !== 'stale')).toEqual([]);
    for (const payment of oracle.ready()) oracle.attempt(payment, modesOf(modes)(payment.reference));
  });
}

function loseWorkers(
  modes: Modes,
  { sends, count }: { readonly sends: boolean; readonly count: number },
): Command {
  const what = sends ? `after ${modes.pay.join(', ')}` : 'before it sends';
  return command(`${count} workers are lost ${what}`, async ({ oracle }, real) => {
    const tell = modesOf({ ...modes, ask: 'tell' });
    for (let lost = 0; lost < count; lost += 1) {
      await real.loseWorker(tell, { sends });
      for (const payment of oracle.ready())
        oracle.loseWorker(payment, { sent: sends ? tell(payment.reference).pay : null });
    }
  });
}

const settleLate = () =>
  command('late results of lost workers', async (_model, real) => {
    expect((await real.settleLate()).filter((result) => result !== 'stale')).toEqual([]);
  });

const askGateway = (ask: AskMode) =>
  command(`inquiries: ${ask}`, async ({ oracle }, real) => {
    await real.askGateway(() => ({ pay: 'succeed', ask }));
    for (const payment of oracle.payments.values())
      if (payment.status === 'unknown') oracle.inquire(payment, ask);
  });

const expireKeys = () =>
  command('stored answers expire', async ({ oracle }, real) => {
    await real.expireKeys();
    oracle.expireKeys();
  });

const checkLedger = () =>
  command('fold and check', async (_model, real) => {
    await real.fold();
    expect(await real.violations()).toEqual([]);
  });

/** Open or not; what was dealt with must be refused. */
const hasLetters = ({ oracle }: Model) => oracle.letters.length > 0;

function redrive(letterNumber: number): Command {
  return command(
    'redrive',
    async ({ oracle }, real) => {
      const letter = latestLetter(oracle, letterNumber);
      const payment = oracle.payments.get(letter.paymentId) as ModelPayment;
      const path = `/api/v1/dlq/${await real.letterIdOf(payment.id)}/redrive`;
      const answer = await real.api.post(path, { by: 'model' });
      if (letter.action !== null) {
        expect(answer).toMatchObject({ status: 409, json: { code: 'dead-letter-handled' } });
        return;
      }
      if (payment.status === 'unknown') {
        expect(answer).toMatchObject({
          status: 200,
          json: { action: 'redriven', redriven_payment_id: payment.id },
        });
        oracle.requeue(payment);
        letter.action = 'redriven';
        return;
      }
      const { userId, type, amount, refundOf } = payment;
      const deposit = refundOf === null ? undefined : (oracle.payments.get(refundOf) as ModelPayment);
      if (deposit && amount > oracle.leftOf(deposit)) {
        expect(answer).toMatchObject({ status: 422, json: { code: 'refund-exceeds-deposit' } });
        return;
      }
      const feeLeft = deposit ? oracle.feeLeftOf(deposit) : payment.fee;
      const fee = payment.fee < feeLeft ? payment.fee : feeLeft;
      if (type !== 'deposit' && costOf({ type, amount, fee }) > oracle.available(userId)) {
        expect(answer).toMatchObject({ status: 422, json: { code: 'redrive-not-funded' } });
        return;
      }
      expect(answer).toMatchObject({ status: 200, json: { action: 'redriven' } });
      letter.action = 'redriven';
      const id = answer.json.redriven_payment_id;
      oracle.redrive({ ...payment, fee }, id);
    },
    hasLetters,
  );
}

function discard(letterNumber: number): Command {
  return command(
    'discard',
    async ({ oracle }, real) => {
      const letter = latestLetter(oracle, letterNumber);
      const payment = oracle.payments.get(letter.paymentId) as ModelPayment;
      const path = `/api/v1/dlq/${await real.letterIdOf(payment.id)}/discard`;
      const answer = await real.api.post(path, { by: 'model', reason: 'because' });
      if (letter.action !== null)
        expect(answer).toMatchObject({ status: 409, json: { code: 'dead-letter-handled' } });
      else if (payment.status === 'unknown')
        expect(answer).toMatchObject({ status: 409, json: { code: 'outcome-unknown' } });
      else {
        expect(answer).toMatchObject({ status: 200, json: { action: 'discarded' } });
        letter.action = 'discarded';
      }
    },
    hasLetters,
  );
}

/** A payment that was put back in the queue may have several letters; people look at the last one. */
function latestLetter({ letters }: Oracle, number: number) {
  const { paymentId } = pick(letters, number);
  return letters.findLast((letter) => letter.paymentId === paymentId) as Oracle['letters'][number];
}

const payMode = fc.constantFrom<PayMode[]>(
  'succeed',
  'refuse',
  'not_executed',
  'execute_and_hide',
  'hide_without_executing',
);
const askMode = fc.constantFrom<AskMode[]>('tell', 'tell', 'hide');
const modes = fc.record({ pay: fc.array(payMode, { minLength: 1, maxLength: 3 }), ask: askMode });
const key = fc.option(fc.integer({ min: 1, max: 4 }), { freq: 2 });
const wish = fc.record({
  type: fc.constantFrom<('deposit' | 'withdraw')[]>('deposit', 'withdraw', 'withdraw'),
  user: fc.nat(20),
  // Odd cents, so that the fee has something to round.
  amount: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 50_000 })),
  isAroundBalance: fc.boolean(),
  key,
});
const refundWish = fc.record({
  payment: fc.nat(100),
  amount: fc.option(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 50_000 })), {
    freq: 3,
  }),
  isAroundRest: fc.boolean(),
  key,
});
const number = fc.nat(100);

/** Everything that can happen, the frequent things frequently. */
export const commandArbitraries: Arbitrary<Command>[] = [
  fc.tuple(fc.integer({ min: 0, max: 30_000 }), key).map(([balance, name]) => createUser(balance, name)),
  ...Array.from({ length: 5 }, () => wish.map(pay)),
  ...Array.from({ length: 3 }, () => refundWish.map(refund)),
  fc
    .tuple(wish, fc.integer({ min: 1, max: 4 }), fc.boolean())
    .map(([wanted, name, isSameRequest]) =>
      payTwiceAtOnce({ ...wanted, key: name, isAroundBalance: false }, { isSameRequest }),
    ),
  ...Array.from({ length: 4 }, () =>
    fc.tuple(modes, fc.boolean()).map(([told, isLateReported]) => runWorker(told, { isLateReported })),
  ),
  fc
    .tuple(modes, fc.boolean(), fc.integer({ min: 1, max: 3 }))
    .map(([lost, sends, count]) => loseWorkers(lost, { sends, count })),
  fc.constant(settleLate()),
  askMode.map(askGateway),
  askMode.map(askGateway),
  fc.constant(expireKeys()),
  number.map(redrive),
  number.map(redrive),
  number.map(discard),
  fc.constant(checkLedger()),
];

import type { PaymentType } from '../../src/payments/payment.ts';
import { API_NAMES, type ApiName } from './members.ts';
import { createRandom, type Random } from './random.ts';

/** One planned request. Users are numbered; number 0 owns the wallet that everybody races for. */
export interface PlannedRequest {
  readonly user: number;
  readonly type: PaymentType;
  readonly amountMinor: bigint;
  readonly key: string | null;
  readonly firstApi: ApiName;
}

/** Something that clients do together. Each is a way in which some system has lost or doubled payments before. */
export type Scene =
  | { readonly kind: 'single' | 'without_key'; readonly request: PlannedRequest }
  /** The same request several times at once, to both APIs. */
  | { readonly kind: 'duplicates'; readonly request: PlannedRequest; readonly copies: number }
  /** The key of one request is used for another, at the same moment or afterwards. */
  | {
      readonly kind: 'reused_key';
      readonly request: PlannedRequest;
      readonly other: PlannedRequest;
      readonly isAtOnce: boolean;
    }
  /** The client hangs up early and asks the other API. */
  | { readonly kind: 'hang_up'; readonly request: PlannedRequest; readonly afterMs: number }
  /** Withdrawals at once from a wallet that does not hold enough for all of them. */
  | { readonly kind: 'race'; readonly requests: readonly PlannedRequest[] }
  /** Once a deposit has settled, several refunds are asked for at once, each twice; together they exceed it. */
  | { readonly kind: 'refunds'; readonly request: PlannedRequest; readonly amountsMinor: readonly bigint[] }
  /**
   * Money is held for an order, then captured in parts and released at the same moment through both APIs, or left to expire.
   */
  | {
      readonly kind: 'hold';
      readonly request: PlannedRequest;
      readonly seller: number;
      readonly isLeft: boolean;
    }
  /** Money goes from one wallet to another and some of it back, at the same moment, each sent to both APIs. */
  | {
      readonly kind: 'transfer';
      readonly request: PlannedRequest;
      readonly to: number;
      /** The client of the first request hangs up early. */
      readonly hangsUpAfterMs: number | null;
    }
  /** A quote is asked for and taken: by several keys at once, by somebody else, or when its time is over. */
  | {
      readonly kind: 'conversion';
      readonly request: PlannedRequest;
      readonly from: string;
      readonly to: string;
      readonly names: 'amount' | 'to_amount';
      readonly stranger: number;
      readonly isLeft: boolean;
    }
  /** An earlier request is sent again, much later. `position` says which, as a share of all so far. */
  | { readonly kind: 'replay'; readonly position: number }
  | { readonly kind: 'new_user'; readonly key: string };

export const USER_COUNT = 40;
/** Currencies of wallets, with two, no and three decimals. */
export const CURRENCIES = ['USD', 'JPY', 'KWD'] as const;
export const HOT_USER = 0;
export const HOT_BALANCE_MINOR = 10_000n;
const RACERS = 8;

const SHARES: readonly (readonly [Scene['kind'], number])[] = [
  ['single', 0.25],
  ['hold', 0.04],
  ['transfer', 0.05],
  ['conversion', 0.05],
  ['refunds', 0.03],
  ['duplicates', 0.14],
  ['hang_up', 0.12],
  ['without_key', 0.1],
  ['replay', 0.08],
  ['reused_key', 0.07],
  ['race', 0.05],
  ['new_user', 0.02],
];

/** Plans what clients will do, until they have asked for `paymentCount` payments. The same seed plans the same. */
export function* planTraffic(seed: number, paymentCount: number): Generator<Scene> {
  const random = createRandom(seed, 'traffic');
  let number = 0;
  let planned = 0;
  const draw = (changes: Partial<PlannedRequest> = {}): PlannedRequest => {
    number += 1;
    return { ...drawRequest(random), key: `prove-${seed}-${number}`, ...changes };
  };

  while (planned < paymentCount) {
    const scene = drawScene(random, draw);
    planned += scene.kind === 'race' ? scene.requests.length : 1;
    yield scene;
  }
}

function drawScene(random: Random, draw: (changes?: Partial<PlannedRequest>) => PlannedRequest): Scene {
  const kind = drawKind(random);
  switch (kind) {
    case 'single':
      return { kind, request: draw() };
    case 'without_key':
      return { kind, request: draw({ key: null }) };
    case 'refunds': {
      const request = draw({ type: 'deposit', user: random.between(1, USER_COUNT - 1) });
      const { amountMinor } = request;
      return {
        kind,
        request,
        amountsMinor: [amountMinor / 2n + 1n, amountMinor / 3n + 1n, amountMinor / 3n + 1n],
      };
    }
    case 'hold':
      return {
        kind,
        request: draw({ type: 'withdraw', user: random.between(1, USER_COUNT - 1) }),
        seller: random.between(1, USER_COUNT - 1),
        isLeft: random.chance(0.3),
      };
    case 'transfer': {
      const request = draw({ type: 'withdraw' });
      return {
        kind,
        request,
        to: drawOther(random, request.user),
        hangsUpAfterMs: random.chance(0.3) ? random.between(1, 40) : null,
      };
    }
    case 'conversion': {
      // Dollars more often: the other wallets begin empty.
      const from = random.chance(0.5) ? 'USD' : random.pick(CURRENCIES);
      const request = draw({ type: 'withdraw' });
      return {
        kind,
        request,
        from,
        to: random.pick(CURRENCIES.filter((currency) => currency !== from)),
        names: random.chance(0.7) ? 'amount' : 'to_amount',
        stranger: drawOther(random, request.user),
        isLeft: random.chance(0.2),
      };
    }
    case 'duplicates':
      return { kind, request: draw(), copies: random.between(2, 5) };
    case 'hang_up':
      return { kind, request: draw(), afterMs: random.between(1, 40) };
    case 'replay':
      return { kind, position: random.next() };
    case 'new_user':
      return { kind, key: `user-of-${draw().key}` };
    case 'reused_key': {
      const request = draw();
      const other = { ...request, amountMinor: request.amountMinor + BigInt(random.between(1, 500)) };
      return { kind, request, other, isAtOnce: random.chance(0.5) };
    }
    case 'race': {
      const topUp = draw({ user: HOT_USER, type: 'deposit', amountMinor: HOT_BALANCE_MINOR });
      const racers = Array.from({ length: RACERS }, () =>
        draw({ user: HOT_USER, type: 'withdraw', amountMinor: HOT_BALANCE_MINOR / 4n }),
      );
      return { kind, requests: random.chance(0.5) ? [topUp, ...racers] : racers };
    }
  }
}

function drawKind(random: Random): Scene['kind'] {
  let left = random.next();
  for (const [kind, share] of SHARES) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'single';
}

function drawOther(random: Random, user: number): number {
  return 1 + ((user - 1 + random.between(1, USER_COUNT - 2)) % (USER_COUNT - 1));
}

function drawRequest(random: Random): Omit<PlannedRequest, 'key'> {
  return {
    user: random.between(1, USER_COUNT - 1),
    type: random.chance(0.5) ? 'deposit' : 'withdraw',
    amountMinor: BigInt(random.between(1, 5000)),
    firstApi: random.pick(API_NAMES),
  };
}

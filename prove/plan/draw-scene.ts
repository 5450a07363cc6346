import { API_NAMES } from './members.ts';
import type { Random } from './random.ts';
import {
  CURRENCIES,
  HOLD_ENDINGS,
  HOT_BALANCE_MINOR,
  HOT_USER,
  type PlannedFee,
  type PlannedRequest,
  type Scene,
  USER_COUNT,
} from './scene.ts';

const RACERS = 8;

/** Draws a request with a key of its own. */
export type Draw = (changes?: Partial<PlannedRequest>) => PlannedRequest;

/** Draws what is still open about a scene of a kind. */
export function drawScene(kind: Scene['kind'], random: Random, draw: Draw): Scene {
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
    case 'hold': {
      const request = draw({ type: 'withdraw', user: random.between(1, USER_COUNT - 1) });
      return {
        ...{ kind, request, isNamed: random.chance(0.5), seller: drawOther(random, request.user) },
        ...{ to: random.pick(['user', 'wallet', 'sales'] as const), partCount: random.between(1, 3) },
        ending: random.pick(HOLD_ENDINGS),
      };
    }
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
    case 'fee':
      return {
        ...{ kind, terms: drawFee(random), isEnded: random.chance(0.4) },
        firstApi: random.pick(API_NAMES),
      };
    case 'freeze': {
      const request = draw({ type: 'withdraw' });
      return { kind, request, to: drawOther(random, request.user) };
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

/** Small, so that most amounts can bear it. */
function drawFee(random: Random): PlannedFee {
  const currency = random.chance(0.7) ? ('USD' as const) : null;
  const leastMinor = currency && random.chance(0.3) ? BigInt(random.between(0, 20)) : null;
  return {
    kind: random.pick(['deposit', 'withdrawal', 'transfer'] as const),
    currency,
    payer: random.pick(['sender', 'recipient'] as const),
    percent: random.pick(['0', '0.0001', '1.75', '2.5', '3.3333', '12']),
    fixedMinor: currency && random.chance(0.5) ? BigInt(random.between(0, 30)) : null,
    leastMinor,
    mostMinor: currency && random.chance(0.3) ? (leastMinor ?? 0n) + BigInt(random.between(0, 100)) : null,
  };
}

function drawOther(random: Random, user: number): number {
  return 1 + ((user - 1 + random.between(1, USER_COUNT - 2)) % (USER_COUNT - 1));
}

export function drawRequest(random: Random): Omit<PlannedRequest, 'key'> {
  return {
    user: random.between(1, USER_COUNT - 1),
    type: random.chance(0.5) ? 'deposit' : 'withdraw',
    amountMinor: BigInt(random.between(1, 5000)),
    firstApi: random.pick(API_NAMES),
  };
}

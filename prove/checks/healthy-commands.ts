import type { CommandAnswer, CommandIntent } from '../load/client-journal.ts';
import type { AccountRow, EntryRow, World } from '../world/world.ts';
import { at, createHealthyWorld, USER } from './healthy-world.ts';

export const OTHER = 8n;
const [WALLET, FEE] = [1n, 3n];
export const [OTHER_WALLET, YEN_WALLET, FX_USD, FX_JPY, SALES] = [21n, 22n, 23n, 24n, 25n] as const;
export const TOKEN = '6f1f6a52-8a2e-4f59-9d0c-0d6f6f0a5d11';

/**
 * The healthy world, in which user 7 has also opened a wallet in yen, given 5.00 to user 8, converted 10.00 dollars to 1,494 yen, and had 30.00
 * held for an order, of which 10.00 were captured and the rest was released.
 */
export function createHealthyCommands(changes: Partial<World> = {}): World {
  const base = createHealthyWorld();
  const entries = [...base.entries, ...listEntries()];
  const sumOf = (id: bigint) =>
    entries.filter((entry) => entry.accountId === id).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const account = (given: Pick<AccountRow, 'id' | 'kind' | 'currency' | 'userId'>): AccountRow => ({
    ...given,
    postedMinor: sumOf(given.id),
    heldMinor: 0n,
    floorMinor: given.userId === null ? null : 0n,
    foldedBelow: 1000n,
  });
  return {
    ...base,
    entries,
    accounts: [
      ...base.accounts.map((known) => ({ ...known, postedMinor: sumOf(known.id) })),
      account({ id: OTHER_WALLET, kind: 'wallet', currency: 'USD', userId: OTHER }),
      account({ id: YEN_WALLET, kind: 'wallet', currency: 'JPY', userId: USER }),
      account({ id: FX_USD, kind: 'fx', currency: 'USD', userId: null }),
      account({ id: FX_JPY, kind: 'fx', currency: 'JPY', userId: null }),
      account({ id: SALES, kind: 'sales', currency: 'USD', userId: null }),
    ],
    transfers: [
      {
        ...{ id: 1n, userId: USER, fromWalletId: WALLET, toWalletId: OTHER_WALLET },
        ...{ amountMinor: 500n, feeMinor: 0n, feePayer: 'sender', currency: 'USD', createdAt: at(18) },
      },
    ],
    quotes: [
      {
        ...{
          id: 1n,
          token: TOKEN,
          userId: USER,
          fromWalletId: WALLET,
          fromCurrency: 'USD',
          toCurrency: 'JPY',
        },
        ...{ fromMinor: 1000n, toMinor: 1494n, spreadMinor: 5n, expiresAt: at(30), usedAt: at(20) },
      },
    ],
    orderHolds: [
      {
        ...{ id: 5n, userId: USER, walletId: WALLET, amountMinor: 3000n, currency: 'USD' },
        ...{ capturedMinor: 1000n, releasedMinor: 2000n, status: 'released', createdAt: at(19) },
      },
    ],
    steps: [
      ...base.steps,
      { id: 40n, reference: 'transfer:1', step: 'post', createdAt: at(18) },
      { id: 41n, reference: 'conversion:1', step: 'settle', createdAt: at(20) },
      { id: 42n, reference: 'hold:5', step: 'capture:1', createdAt: at(21) },
    ],
    commandKeys: [
      ...(['wallet', 'transfer', 'conversion', 'hold', 'capture', 'release'] as const).map((key) => ({
        userId: USER,
        key,
        kind: ['hold', 'capture', 'release'].includes(key) ? 'order_hold' : key,
        resourceId: key === 'wallet' ? YEN_WALLET : ['transfer', 'conversion'].includes(key) ? 1n : 5n,
        status: ['capture', 'release'].includes(key) ? 200 : 201,
        committedAt: at(20.5),
      })),
    ],
    told: new Map([
      ...base.told,
      ['transfer:1', 'completed'],
      ['conversion:1', 'completed'],
      ['hold:5', 'placed captured released'],
    ]),
    commandAnswers: listAnswers(),
    ...changes,
  };
}

function listEntries(): EntryRow[] {
  const legs = (transactionId: bigint, ...amounts: [bigint, bigint][]): EntryRow[] =>
    amounts.map(([accountId, amountMinor]) => ({
      accountId,
      transactionId,
      amountMinor,
      writtenByXid: transactionId,
    }));
  return [
    ...legs(40n, [WALLET, -500n], [OTHER_WALLET, 500n]),
    ...legs(41n, [WALLET, -1000n], [FX_USD, 995n], [FEE, 5n], [FX_JPY, -1494n], [YEN_WALLET, 1494n]),
    ...legs(42n, [WALLET, -1000n], [SALES, 1000n]),
  ];
}

function listAnswers(): CommandAnswer[] {
  const quoted = {
    ...{ quote_id: TOKEN, user_id: 7, from: 'USD', to: 'JPY' },
    ...{ amount_minor: '1000', to_amount_minor: '1494', spread_minor: '5' },
  };
  const held = (captured: number, released: number, status: string) => ({
    ...{ user_id: 7, currency: 'USD', amount_minor: '3000', status },
    ...{ captured_minor: String(captured), released_minor: String(released) },
  });
  const transferred = {
    ...{ transfer_id: 1, user_id: 7, from_wallet_id: 1, to_wallet_id: 21 },
    ...{ amount_minor: '500', commission_minor: '0', fee_payer: 'sender', currency: 'USD' },
  };
  return [
    answer('wallet', 'wallet', 201, { id: 22, user_id: 7, currency: 'JPY' }),
    answer('transfer', 'transfer', 201, transferred),
    { ...answer('transfer', 'transfer', 201, transferred), isReplay: true },
    answer('quote', null, 200, quoted),
    answer('convert', 'conversion', 201, { ...quoted, conversion_id: 1 }),
    answer('hold', 'hold', 201, held(0, 0, 'open')),
    answer('capture', 'capture', 200, held(1000, 0, 'open')),
    answer('release', 'release', 200, held(1000, 2000, 'released')),
  ];
}

export function answer(
  kind: CommandIntent['kind'],
  key: string | null,
  status: number,
  body: object,
): CommandAnswer {
  return {
    intent: { kind, userId: USER, key, path: '', body: {} },
    ...{
      api: 'api-1',
      sentAt: at(19),
      answeredAt: at(19.5),
      status,
      body: JSON.stringify(body),
      isReplay: false,
      code: null,
    },
  };
}

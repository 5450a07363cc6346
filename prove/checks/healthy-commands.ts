import type { CommandAnswer, CommandIntent } from '../load/client-journal.ts';
import type { AccountRow, CommandKeyRow, EntryRow, World } from '../world/world.ts';
import { at, createHealthyWorld, USER } from './healthy-world.ts';

export const OTHER = 8n;
const [WALLET, FEE] = [1n, 3n];
export const [OTHER_WALLET, YEN_WALLET, FX_USD, FX_JPY, SALES] = [21n, 22n, 23n, 24n, 25n] as const;
/** Wallets with names, of user 7 and of user 8. */
export const [SAVINGS, SHOP] = [26n, 27n] as const;
export const TOKEN = '6f1f6a52-8a2e-4f59-9d0c-0d6f6f0a5d11';

/**
 * The healthy world, in which user 7 has also opened a wallet in yen, given 5.00 to user 8, converted 10.00 dollars to 1,494 yen, and had 30.00
 * held for an order, of which 10.00 were captured and the rest was released. User 7 has moved 40.00 to a wallet with a name, too, of which
 * 20.00 were held: 5.00 of them went to a named wallet of user 8, and 15.00 are still held.
 */
export function createHealthyCommands(changes: Partial<World> = {}): World {
  const base = createHealthyWorld();
  const entries = [...base.entries, ...listEntries()];
  const sumOf = (id: bigint) =>
    entries.filter((entry) => entry.accountId === id).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const account = (
    given: Pick<AccountRow, 'id' | 'kind' | 'currency' | 'userId'> & Partial<AccountRow>,
  ): AccountRow => ({
    name: '',
    postedMinor: sumOf(given.id),
    heldMinor: 0n,
    floorMinor: given.userId === null ? null : 0n,
    foldedBelow: 1000n,
    ...given,
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
      account({
        ...{ id: SAVINGS, kind: 'wallet', currency: 'USD', userId: USER },
        ...{ name: 'savings', heldMinor: 1500n },
      }),
      account({ id: SHOP, kind: 'wallet', currency: 'USD', userId: OTHER, name: 'shop' }),
    ],
    transfers: [
      {
        ...{ id: 1n, userId: USER, fromWalletId: WALLET, toWalletId: OTHER_WALLET },
        ...{ amountMinor: 500n, feeMinor: 0n, feePayer: 'sender', currency: 'USD', createdAt: at(18) },
      },
      {
        ...{ id: 2n, userId: USER, fromWalletId: WALLET, toWalletId: SAVINGS },
        ...{ amountMinor: 4000n, feeMinor: 0n, feePayer: 'sender', currency: 'USD', createdAt: at(18) },
      },
    ],
    holds: [
      ...base.holds,
      {
        ...{ userId: USER, accountId: SAVINGS, purpose: 'order', subjectId: 6n },
        ...{ amountMinor: 1500n, currency: 'USD' },
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
        ...{ expiresAt: at(100), resolvedAt: at(22) },
      },
      {
        ...{ id: 6n, userId: USER, walletId: SAVINGS, amountMinor: 2000n, currency: 'USD' },
        ...{ capturedMinor: 500n, releasedMinor: 0n, status: 'open', createdAt: at(19) },
        ...{ expiresAt: at(100), resolvedAt: null },
      },
    ],
    steps: [
      ...base.steps,
      { id: 40n, reference: 'transfer:1', step: 'post', createdAt: at(18) },
      { id: 41n, reference: 'conversion:1', step: 'settle', createdAt: at(20) },
      { id: 42n, reference: 'hold:5', step: 'capture:1', createdAt: at(21) },
      { id: 43n, reference: 'transfer:2', step: 'post', createdAt: at(18) },
      { id: 44n, reference: 'hold:6', step: 'capture:1', createdAt: at(21) },
    ],
    commandKeys: [
      key('wallet', { kind: 'wallet', resourceId: YEN_WALLET }),
      key('savings', { kind: 'wallet', resourceId: SAVINGS }),
      key('transfer', { kind: 'transfer', resourceId: 1n }),
      key('fund', { kind: 'transfer', resourceId: 2n }),
      key('conversion', { kind: 'conversion', resourceId: 1n }),
      key('hold', { kind: 'order_hold', resourceId: 5n }),
      key('capture', { kind: 'order_hold', resourceId: 5n, status: 200 }),
      key('release', { kind: 'order_hold', resourceId: 5n, status: 200 }),
      key('named-hold', { kind: 'order_hold', resourceId: 6n }),
      key('named-capture', { kind: 'order_hold', resourceId: 6n, status: 200 }),
    ],
    told: new Map([
      ...base.told,
      ['transfer:1', 'completed'],
      ['conversion:1', 'completed'],
      ['transfer:2', 'completed'],
      ['hold:5', 'placed captured released'],
      ['hold:6', 'placed captured'],
    ]),
    commandAnswers: listAnswers(),
    ...changes,
  };
}

function key(
  name: string,
  given: Pick<CommandKeyRow, 'kind' | 'resourceId'> & Partial<CommandKeyRow>,
): CommandKeyRow {
  return { userId: USER, key: name, status: 201, committedAt: at(20.5), ...given };
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
    ...legs(43n, [WALLET, -4000n], [SAVINGS, 4000n]),
    ...legs(44n, [SAVINGS, -500n], [SHOP, 500n]),
  ];
}

function listAnswers(): CommandAnswer[] {
  const quoted = {
    ...{ quote_id: TOKEN, user_id: 7, from: 'USD', to: 'JPY' },
    ...{ amount_minor: '1000', to_amount_minor: '1494', spread_minor: '5' },
  };
  const held = (captured: number, released: number, status: string) => ({
    ...{ user_id: 7, wallet_id: 1, currency: 'USD', amount_minor: '3000', status },
    ...{ captured_minor: String(captured), released_minor: String(released) },
  });
  const heldOfSavings = (captured: number) => ({
    ...held(captured, 0, 'open'),
    ...{ wallet_id: 26, amount_minor: '2000' },
  });
  const transferred = {
    ...{ transfer_id: 1, user_id: 7, from_wallet_id: 1, to_wallet_id: 21 },
    ...{ amount_minor: '500', commission_minor: '0', fee_payer: 'sender', currency: 'USD' },
  };
  return [
    answer('wallet', 'wallet', 201, { id: 22, user_id: 7, currency: 'JPY', name: null }),
    answer('transfer', 'transfer', 201, transferred),
    { ...answer('transfer', 'transfer', 201, transferred), isReplay: true },
    answer('quote', null, 200, quoted),
    answer('convert', 'conversion', 201, { ...quoted, conversion_id: 1 }),
    answer('hold', 'hold', 201, held(0, 0, 'open')),
    asking({ final: false }, answer('capture', 'capture', 200, held(1000, 0, 'open'))),
    answer('release', 'release', 200, held(1000, 2000, 'released')),
    answer('wallet', 'savings', 201, { id: 26, user_id: 7, currency: 'USD', name: 'savings' }),
    asking({ wallet_id: 26 }, answer('hold', 'named-hold', 201, heldOfSavings(0))),
    asking(
      { amount: '5.00', to_wallet_id: 27, final: false },
      answer('capture', 'named-capture', 200, heldOfSavings(500)),
    ),
  ];
}

/** The answer to a request with this body. */
function asking(body: CommandIntent['body'], given: CommandAnswer): CommandAnswer {
  return { ...given, intent: { ...given.intent, body } };
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

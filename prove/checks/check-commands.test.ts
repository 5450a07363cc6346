import type { CommandIntent } from '../load/client-journal.ts';
import type { OrderHoldRow, World } from '../world/world.ts';
import { checkInvariants } from './check-invariants.ts';
import {
  answer,
  createHealthyCommands,
  OTHER,
  OTHER_WALLET,
  SALES,
  SAVINGS,
  SHOP,
  TOKEN,
} from './healthy-commands.ts';
import { at, changeOne, violatedBy } from './healthy-world.ts';

const healthy = createHealthyCommands();
const INDEX = {
  ...{ wallet: 0, transfer: 1, replay: 2, quote: 3, convert: 4, hold: 5, capture: 6, release: 7 },
  ...{ savings: 8, namedHold: 9, namedCapture: 10 },
};

/** The invariants that a change violates. */
const violated = (changes: Partial<World>) => violatedBy(healthy, changes);
const without = (reference: string) => ({
  steps: healthy.steps.filter((step) => step.reference !== reference),
});
const twice = (reference: string) => {
  const step = healthy.steps.find((known) => known.reference === reference)!;
  return { steps: [...healthy.steps, { ...step, id: 99n }] };
};
/** An answer that says something else. */
const saying = (which: keyof typeof INDEX, said: object) => {
  const known = healthy.commandAnswers[INDEX[which]]!;
  const body = JSON.stringify({ ...JSON.parse(known.body), ...said });
  return { commandAnswers: changeOne(healthy.commandAnswers, INDEX[which], { body }) };
};

/** A request that asked for something else. */
const asking = (which: keyof typeof INDEX, body: CommandIntent['body']) => {
  const { intent } = healthy.commandAnswers[INDEX[which]]!;
  return {
    commandAnswers: changeOne(healthy.commandAnswers, INDEX[which], { intent: { ...intent, body } }),
  };
};
/** A hold that became something else: the one of a wallet without a name, or of one with a name. */
const holding = (which: 'plain' | 'named', changes: Partial<OrderHoldRow>) => ({
  orderHolds: changeOne(healthy.orderHolds, which === 'plain' ? 0 : 1, changes),
});
const entryOf = (accountId: bigint, transactionId: bigint) =>
  healthy.entries.findIndex(
    (entry) => entry.accountId === accountId && entry.transactionId === transactionId,
  );

test('in a world where everything holds, no check finds anything', () => {
  expect(checkInvariants(healthy)).toEqual([]);
});

describe('I5 is violated when a client saw', () => {
  test.each<[string, Partial<World>]>([
    ['a wallet that is not there', saying('wallet', { id: 99 })],
    ['a wallet of another currency', saying('wallet', { currency: 'KWD' })],
    ['a transfer that is not there', saying('replay', { transfer_id: 9 })],
    ['a transfer of another amount', { transfers: changeOne(healthy.transfers, 0, { amountMinor: 501n }) }],
    ['a quote that is not there', saying('quote', { quote_id: 'another' })],
    ['a quote of other amounts', { quotes: changeOne(healthy.quotes, 0, { toMinor: 1495n }) }],
    ['a conversion whose quote was never used', { quotes: changeOne(healthy.quotes, 0, { usedAt: null }) }],
    ['a wallet of another name', saying('savings', { name: 'holidays' })],
    ['a hold that is not there', { orderHolds: [] }],
    ['a hold of another wallet', saying('namedHold', { wallet_id: 1 })],
    ['a hold of another wallet than it had asked for', asking('namedHold', { wallet_id: 1 })],
    [
      'a capture for another wallet',
      asking('namedCapture', { to_wallet_id: Number(OTHER_WALLET), final: false }),
    ],
    ['a capture for another user', asking('namedCapture', { to_user_id: 7, final: false })],
    [
      'a capture for a user, which went to a wallet with a name',
      asking('namedCapture', { to_user_id: Number(OTHER), final: false }),
    ],
    ['a capture for the house, which somebody got', asking('namedCapture', { final: false })],
    [
      'a capture of another amount',
      asking('namedCapture', { amount: '5.01', to_wallet_id: 27, final: false }),
    ],
    ['a last capture after which the hold was open', asking('namedCapture', { to_wallet_id: 27 })],
    ['a release after which the hold was open', saying('release', { status: 'open' })],
    ['a hold whose time was over, and that was captured afterwards', saying('hold', { status: 'expiring' })],
    ['a hold of another amount', saying('hold', { amount_minor: '3001' })],
    ['a capture that was not posted', saying('capture', { captured_minor: '999' })],
    ['a release that is none any more', holding('plain', { status: 'expired' })],
  ])('%s', (_what, changes) => {
    expect(violated(changes)).toContain('I5');
  });
  test('a replay with other bytes', () => {
    expect(violated(saying('replay', { more: 1 }))).toEqual(['I5']);
  });
  test('a success and a refusal for one key', () => {
    const refused = { ...answer('transfer', 'transfer', 422, {}), code: 'transfer-not-funded' };
    expect(violated({ commandAnswers: [...healthy.commandAnswers, refused] })).toEqual(['I5']);
  });
});

describe('I4 of transfers is violated when one', () => {
  test.each<[string, Partial<World>]>([
    ['was not posted', without('transfer:1')],
    ['was posted twice', twice('transfer:1')],
    ['is not there, and was posted', { transfers: [] }],
    [
      'was posted with one leg only',
      { entries: healthy.entries.filter(({ accountId }) => accountId !== 21n) },
    ],
  ])('%s', (_what, changes) => {
    expect(violated(changes)).toContain('I4');
  });
});

describe('I12 is violated when a quote', () => {
  const entry = entryOf(22n, 41n);
  const conversion = healthy.commandAnswers[INDEX.convert]!;
  const also = (intent: Partial<typeof conversion.intent>) => ({
    commandAnswers: [
      ...healthy.commandAnswers,
      { ...conversion, intent: { ...conversion.intent, ...intent } },
    ],
  });
  test.each<[string, Partial<World>]>([
    ['was used and not posted', without('conversion:1')],
    ['was posted twice', twice('conversion:1')],
    ['was posted and not marked as used', { quotes: changeOne(healthy.quotes, 0, { usedAt: null }) }],
    ['was posted in another amount', { entries: changeOne(healthy.entries, entry, { amountMinor: 1493n }) }],
    ['was used when it had expired', { quotes: changeOne(healthy.quotes, 0, { usedAt: at(30) }) }],
    ['was used by two keys', also({ key: 'another' })],
    ['was used by another user', also({ userId: OTHER })],
  ])('%s', (_what, changes) => {
    expect(violated(changes)).toContain('I12');
  });
});

describe('I9 is violated when', () => {
  const key = (name: string) => healthy.commandKeys.find((known) => known.key === name)!;
  const dropping = (name: string) => ({
    commandKeys: healthy.commandKeys.filter((known) => known.key !== name),
  });
  test.each<[string, Partial<World>]>([
    ['a transfer has no key', dropping('transfer')],
    ['a conversion has no key', dropping('conversion')],
    [
      'two keys made one transfer',
      { commandKeys: [...healthy.commandKeys, { ...key('transfer'), key: 'other' }] },
    ],
    ['a hold was captured without a key', dropping('capture')],
    ['a capture was posted twice', twice('hold:5')],
    [
      'a user has two wallets without a name in one currency',
      { accounts: [...healthy.accounts, { ...healthy.accounts[5]!, id: 98n }] },
    ],
    [
      'a user has two wallets of one name',
      {
        accounts: [...healthy.accounts, { ...healthy.accounts.find(({ id }) => id === SAVINGS)!, id: 98n }],
      },
    ],
    ['a hold was captured in part without a key', dropping('named-capture')],
    [
      'a wallet with a name was told with two ids',
      {
        commandAnswers: [
          ...healthy.commandAnswers,
          answer('wallet', 'again', 201, { id: 98, user_id: 7, currency: 'USD', name: 'savings' }),
        ],
      },
    ],
  ])('%s', (_what, changes) => {
    expect(violated(changes)).toContain('I9');
  });
});

describe('I10 is violated when a hold for an order', () => {
  const accountOf = (id: bigint) => healthy.accounts.findIndex((account) => account.id === id);
  const reserved = healthy.holds.findIndex(({ accountId }) => accountId === SAVINGS);
  test.each<[string, Partial<World>]>([
    ['is open, and nothing is reserved for it', { holds: healthy.holds.slice(0, reserved) }],
    [
      'of a wallet with a name is reserved of the one without',
      { holds: changeOne(healthy.holds, reserved, { accountId: 1n }) },
    ],
    [
      'has less reserved than is left of it',
      { holds: changeOne(healthy.holds, reserved, { amountMinor: 1499n }) },
    ],
    ['is of a wallet of somebody else', holding('named', { walletId: SHOP })],
    [
      'was released, and something of it is reserved',
      holding('named', { status: 'released', releasedMinor: 1500n }),
    ],
    ['was released in part only', holding('plain', { releasedMinor: 1999n })],
    [
      'was captured, and its wallet gave less',
      { entries: changeOne(healthy.entries, entryOf(SAVINGS, 44n), { amountMinor: -499n }) },
    ],
    ['expired before its time', holding('plain', { status: 'expired', resolvedAt: at(99) })],
    ['was released when its time was over', holding('plain', { resolvedAt: at(100) })],
    ['was captured when its time was over', holding('named', { expiresAt: at(21) })],
  ])('%s', (_what, changes) => {
    expect(violated(changes)).toContain('I10');
  });
  test('is open, and its wallet says that less is held', () => {
    const accounts = changeOne(healthy.accounts, accountOf(SAVINGS), { heldMinor: 1499n });
    expect(violated({ accounts })).toEqual(['I2']);
  });
});

test('a hold that was answered when its time was over violates nothing once it has expired', () => {
  const expired = { ...holding('plain', { status: 'expired', resolvedAt: at(101) }) };
  const { commandAnswers } = saying('hold', { status: 'expiring', captured_minor: '1000' });
  const answers = commandAnswers.filter((_, index) => index !== INDEX.release);
  expect(violated({ ...expired, commandAnswers: answers })).toEqual([]);
});

test('a capture that named nobody went to the house', () => {
  const captured = entryOf(SALES, 42n);
  expect(violated({ entries: changeOne(healthy.entries, captured, { accountId: 2n }) })).toContain('I5');
});

test('a quote that nobody used violates nothing', () => {
  const unused = { ...healthy.quotes[0]!, id: 2n, token: TOKEN.replace('6', '7'), usedAt: null };
  expect(violated({ quotes: [...healthy.quotes, unused] })).toEqual([]);
});

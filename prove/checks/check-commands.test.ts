import type { World } from '../world/world.ts';
import { checkInvariants } from './check-invariants.ts';
import { answer, createHealthyCommands, OTHER, TOKEN } from './healthy-commands.ts';
import { at, changeOne, violatedBy } from './healthy-world.ts';

const healthy = createHealthyCommands();
const INDEX = { wallet: 0, transfer: 1, replay: 2, quote: 3, convert: 4, hold: 5, capture: 6, release: 7 };

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
    ['a hold that is not there', { orderHolds: [] }],
    ['a hold of another amount', saying('hold', { amount_minor: '3001' })],
    ['a capture that was not posted', saying('capture', { captured_minor: '999' })],
    [
      'a release that is none any more',
      { orderHolds: changeOne(healthy.orderHolds, 0, { status: 'expired' }) },
    ],
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
  const entry = healthy.entries.findIndex(
    ({ accountId, transactionId }) => accountId === 22n && transactionId === 41n,
  );
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
      'a user has two wallets in one currency',
      { accounts: [...healthy.accounts, { ...healthy.accounts[5]!, id: 98n }] },
    ],
  ])('%s', (_what, changes) => {
    expect(violated(changes)).toContain('I9');
  });
});

test('a quote that nobody used violates nothing', () => {
  const unused = { ...healthy.quotes[0]!, id: 2n, token: TOKEN.replace('6', '7'), usedAt: null };
  expect(violated({ quotes: [...healthy.quotes, unused] })).toEqual([]);
});

import { decideCredit, decideDebit } from './decide-wallet-state.ts';

test('an open wallet gives money and takes it', () => {
  const wallet = { walletId: 7n, state: 'open' } as const;
  expect(decideDebit(wallet)).toBeUndefined();
  expect(decideCredit(wallet, { frozenCredits: 'refuse' })).toBeUndefined();
});

test('a frozen wallet gives nothing, and takes money where the setting says so', () => {
  const wallet = { walletId: 7n, state: 'frozen' } as const;
  const refusal = { kind: 'wallet_frozen', walletId: 7n };
  expect(decideDebit(wallet)).toEqual(refusal);
  expect(decideCredit(wallet, { frozenCredits: 'accept' })).toBeUndefined();
  expect(decideCredit(wallet, { frozenCredits: 'refuse' })).toEqual(refusal);
});

test('a closed wallet gives nothing and takes nothing, whatever the setting says', () => {
  const wallet = { walletId: 7n, state: 'closed' } as const;
  const refusal = { kind: 'wallet_closed', walletId: 7n };
  expect(decideDebit(wallet)).toEqual(refusal);
  for (const frozenCredits of ['accept', 'refuse'] as const)
    expect(decideCredit(wallet, { frozenCredits })).toEqual(refusal);
});

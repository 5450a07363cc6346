import { decideLedgerClock } from './decide-ledger-clock.ts';

const facts = { storedIdentifier: 77n, identifier: 77n, next: 1000n, markedBelow: 900n };

test('the server that the ledger counts by', () => {
  expect(decideLedgerClock(facts)).toEqual({
    name: 'ledger clock',
    verdict: 'ok',
    detail: 'transaction ids are 100 beyond the recorded mark',
    advice: null,
  });
  expect(decideLedgerClock({ ...facts, storedIdentifier: null })).toMatchObject({ verdict: 'ok' });
});

test.each([
  ['another server', { identifier: 78n }],
  ['a server whose ids went back', { next: 899n }],
  ['ids that went back where nobody may read the identifier', { next: 899n, identifier: null }],
])('%s needs a rebase', (_what, changes) => {
  expect(decideLedgerClock({ ...facts, ...changes })).toMatchObject({
    verdict: 'fail',
    detail: 'the ledger uses the transaction ids of another server',
    advice: expect.stringContaining('npx tollgate rebase'),
  });
});

test('a role that may not read which server it is on is told what to grant', () => {
  expect(decideLedgerClock({ ...facts, identifier: null })).toMatchObject({
    verdict: 'warn',
    advice: expect.stringContaining('pg_control_system()'),
  });
});

import { parseConfig } from '../../../process/settings/config.ts';
import type { ApiContext } from '../api-context.ts';
import { listOperations } from '../create-app.ts';
import { accessOf, isForOperatorsAtTimes, isForOperatorsOnly } from './access.ts';

const operations = listOperations({ config: parseConfig({}) } as ApiContext);

test('an operation that is for operators is so for every request', () => {
  const rule = { access: 'operator' } as const;
  expect(isForOperatorsOnly(rule)).toBe(true);
  expect(isForOperatorsAtTimes(rule)).toBe(false);
  expect(accessOf('operator', {})).toBe('operator');
  expect(accessOf('anyone', {})).toBe('anyone');
});

test('an operation whose access depends on the request checks each request', () => {
  const access = (input: { readonly isLarge: boolean }) => (input.isLarge ? 'operator' : 'anyone');
  expect(isForOperatorsOnly({ access })).toBe(false);
  expect(isForOperatorsAtTimes({ access })).toBe(true);
  expect(accessOf(access, { isLarge: true })).toBe('operator');
  expect(accessOf(access, { isLarge: false })).toBe('anyone');
});

test('exactly these operations are open to anyone', () => {
  const ids = operations.filter(({ access }) => access === 'anyone').map(({ id }) => id);
  expect(ids.toSorted()).toEqual([
    'captureHold',
    'convertFromWallet',
    'createAccount',
    'createAccountOfHeader',
    'createSingleWallet',
    'deposit',
    'depositForHeader',
    'depositToAccount',
    'depositToSingleWallet',
    'depositToWallet',
    'executeConversion',
    'getConversion',
    'getPayment',
    'getTransfer',
    'getUser',
    'getUserWallet',
    'getWallet',
    'health',
    'healthLive',
    'healthReady',
    'holdForOrder',
    'holdOfWallet',
    'listAttempts',
    'listFees',
    'listRates',
    'listUserWallets',
    'openUserWallet',
    'openWallet',
    'previewConversion',
    'previewFee',
    'readAccount',
    'readBalanceOfHeader',
    'readIntegrity',
    'readOrderHold',
    'readSingleWallet',
    'refundDeposit',
    'releaseHold',
    'takeCallback',
    'transferMoney',
    'withdraw',
    'withdrawFromWallet',
  ]);
});

test('for these operations, some requests are for operators and others for anyone', () => {
  expect(
    operations
      .filter(isForOperatorsAtTimes)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(['createUser', 'listPayments', 'listWallets']);
});

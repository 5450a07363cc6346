import type { ApiAnswer } from '../../support/api-server.ts';
import { CURRENCIES, type Currency } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import type { RealSystem } from '../real-system.ts';
import type { WalletName } from '../state.ts';
import type { StateRefusal } from '../wallets-oracle.ts';

export const REQUEST_KINDS = [
  'create user',
  'create user by name',
  'open wallet',
  'open wallet with a name',
  'freeze',
  'unfreeze',
  'close',
  'set fee',
  'end fee',
  'deposit',
  'deposit by name',
  'withdraw',
  'refund',
  'transfer',
  'hold',
  'capture',
  'release',
  'quote',
  'convert',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** What one client asks for, once or many times. */
export interface ModelRequest {
  readonly kind: RequestKind;
  readonly label: string;
  readonly key: string | null;
  send(real: RealSystem): Promise<ApiAnswer>;
  /**
   * Compares an answer with what the oracle says of the request as things stand, and lets the oracle do what the service says it did.
   * @throws where the two differ.
   */
  judge(oracle: Oracle, answer: ApiAnswer): void;
}

/** Draws a request from what there is at this moment. */
export type Drawn = (oracle: Oracle, runName: string) => ModelRequest;

export const pick = <T>(items: readonly T[], number: number) => items[number % items.length] as T;
export const pickUser = (oracle: Oracle, number: number) => pick([...oracle.users.values()], number).id;
export const pickCurrency = (number: number): Currency => pick(CURRENCIES, number);

/**
 * Mostly a wallet of the user that has money in it; now and then one in whatever currency.
 * @param isMain only one that is meant where the user and the currency are named.
 */
export function drawWallet(
  oracle: Oracle,
  wanted: { readonly user: number; readonly currency: number },
  { isMain = false }: { readonly isMain?: boolean } = {},
): WalletName {
  const userId = pickUser(oracle, wanted.user);
  if (wanted.currency % 8 === 0) return { userId, currency: pickCurrency(wanted.currency / 8) };
  const owned = [...oracle.wallets.values()].filter(
    (wallet) => wallet.userId === userId && (wallet.name === undefined || !isMain),
  );
  const funded = owned.filter((wallet) => oracle.available(wallet) > 0n && wallet.state === 'open');
  const among = wanted.currency % 8 > 2 && funded.length > 0 ? funded : owned;
  const { currency, name } = pick(among, wanted.currency);
  return { userId, currency, name };
}

export const sayWallet = ({ userId, currency, name }: WalletName) =>
  `${currency} of user ${userId}${name === undefined ? '' : ` (${name})`}`;

export function headersOf(key: string | null): Record<string, string> {
  return key === null ? {} : { 'Idempotency-Key': key };
}

/** Keys of users; few, so that they meet. */
export const keyOf = ({ key }: { readonly key: number | null }) => (key === null ? null : `key-${key}`);

export function expectProblem(answer: ApiAnswer, status: number, code: string, said: object = {}): void {
  expect(answer).toMatchObject({ status, json: { code, ...said } });
}

/** What is refused without a trace: its key stays free. */
export function expectUnkept(answer: ApiAnswer, status: number, code: string, said: object = {}): 'not kept' {
  expectProblem(answer, status, code, said);
  return 'not kept';
}

/** A field that is wrong. */
export const expectInvalid = (answer: ApiAnswer, field: string) =>
  expectUnkept(answer, 422, 'validation-failed', { errors: [{ field }] });

/** The state of a wallet refuses it; the field says what led to the wallet. */
export function expectRefused(answer: ApiAnswer, code: StateRefusal, field: string): 'kept' {
  expectProblem(answer, 409, code, { errors: [{ field }] });
  return 'kept';
}

/** What is answered where something needs a wallet that is not there. */
export const expectNoWallet = (answer: ApiAnswer) => expectUnkept(answer, 409, 'wallet-not-found');

/** An amount that is drawn from what there is: just enough, one too much or too little, or any. */
export function drawAmount({
  amount,
  isAroundMost,
  mostMinor,
}: {
  readonly amount: number;
  readonly isAroundMost: boolean;
  readonly mostMinor: bigint;
}): bigint {
  const drawn = isAroundMost ? mostMinor + BigInt(amount % 3) - 1n : BigInt(amount);
  return drawn < 1n ? 1n : drawn;
}

import type { ApiAnswer } from '../../support/api-server.ts';
import { CURRENCIES, type Currency } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import type { RealSystem } from '../real-system.ts';
import type { WalletName } from '../state.ts';

export const REQUEST_KINDS = [
  'create user',
  'open wallet',
  'deposit',
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

/** Mostly a wallet of the user that has money in it; now and then one in whatever currency. */
export function drawWallet(
  oracle: Oracle,
  wanted: { readonly user: number; readonly currency: number },
): WalletName {
  const userId = pickUser(oracle, wanted.user);
  if (wanted.currency % 8 === 0) return { userId, currency: pickCurrency(wanted.currency / 8) };
  const owned = [...oracle.wallets.values()].filter((wallet) => wallet.userId === userId);
  const funded = owned.filter((wallet) => oracle.available(wallet) > 0n);
  const among = wanted.currency % 8 > 2 && funded.length > 0 ? funded : owned;
  return { userId, currency: pick(among, wanted.currency).currency };
}

export function headersOf(key: string | null): Record<string, string> {
  return key === null ? {} : { 'Idempotency-Key': key };
}

export function expectProblem(answer: ApiAnswer, status: number, code: string, said: object = {}): void {
  expect(answer).toMatchObject({ status, json: { code, ...said } });
}

/** What is refused without a trace: its key stays free. */
export function expectUnkept(answer: ApiAnswer, status: number, code: string, said: object = {}): 'not kept' {
  expectProblem(answer, status, code, said);
  return 'not kept';
}

/**
 * Judges a request that may have a key: the oracle knows what the key's first use was answered; only without one, `decide` says what is to
 * come of it, and whether the answer is kept.
 */
export function judgeKeyed(
  oracle: Oracle,
  answer: ApiAnswer,
  {
    key,
    scope,
    request,
  }: { readonly key: string | null; readonly scope: number | string; readonly request: string },
  decide: () => 'kept' | 'not kept',
): void {
  const name = `${scope} ${key}`;
  const used = key === null ? undefined : oracle.keys.get(name);
  if (!used) {
    expect(answer.headers.get('idempotency-replayed')).toBeNull();
    if (decide() === 'kept' && key !== null)
      oracle.keys.set(name, { request, status: answer.status, body: answer.text, isExpired: false });
    return;
  }
  if (used.request !== request) expectProblem(answer, 422, 'idempotency-key-reused');
  else if (used.isExpired) expectProblem(answer, 409, 'idempotency-key-expired');
  else {
    expect([answer.status, answer.text]).toEqual([used.status, used.body]);
    expect(answer.headers.get('idempotency-replayed')).toBe('true');
  }
}

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

import type { CommandIntent } from '../load/client-journal.ts';
import type { AccountRow, OrderHoldRow, Violation, World } from '../world/world.ts';
import { type CaptureRow, readCaptures } from './captures.ts';
import { keyNameOf, readDone } from './command-bodies.ts';

/**
 * I5 for holds. An answer about a hold tells how it was once: of which wallet it is never changes, what was captured never becomes less, and what
 * has ended stays as it ended. A capture that was answered took what it was asked to take, and brought it to whom it was asked to.
 */
export function compareHolds(world: World): Violation[] {
  const holdOf = new Map(world.orderHolds.map((hold) => [hold.id, hold]));
  const accounts = new Map(world.accounts.map((account) => [account.id, account]));
  const idOf = new Map<string, bigint>(
    world.commandKeys.flatMap(({ userId, key, kind, resourceId }) =>
      kind === 'order_hold' ? [[`${userId} ${key}`, resourceId] as const] : [],
    ),
  );
  const capturesOf = readCaptures(world);
  return readDone(world.commandAnswers, 'hold', 'capture', 'release').flatMap(({ answer, body }) => {
    const { intent } = answer;
    const seen = `a client saw ${answer.status} ${answer.body} for its ${intent.kind}`;
    const hold = holdOf.get(idOf.get(keyNameOf(intent)) ?? -1n);
    if (!hold) return [violation(`${seen}, and its key leads to no hold`)];
    const captures = capturesOf.get(hold.id) ?? [];
    return [
      ...describeChanged(hold, intent, body),
      ...describeLost(hold, body, captures),
      ...describeUnended(intent, body),
      ...describeMisdirected(intent, body, { captures, accounts }),
    ].map((problem) => violation(`${seen}, and ${problem}`));
  });
}

type Body = Readonly<Record<string, string>>;

const told = (body: Body, name: string) => BigInt(body[name] ?? -1);

/** What is held of which wallet is as the answer says, and as the request named it. */
function describeChanged(hold: OrderHoldRow, intent: CommandIntent, body: Body): string[] {
  const isSame =
    told(body, 'amount_minor') === hold.amountMinor &&
    body.currency === hold.currency &&
    told(body, 'wallet_id') === hold.walletId;
  const asked = intent.kind === 'hold' ? askedWallet(intent) : undefined;
  return [
    ...(isSame
      ? []
      : [`hold ${hold.id} is of ${hold.amountMinor} ${hold.currency} of wallet ${hold.walletId}`]),
    ...(asked === undefined || asked === hold.walletId
      ? []
      : [`hold ${hold.id} is of wallet ${hold.walletId}, and it had asked for wallet ${asked}`]),
  ];
}

function askedWallet({ path, body }: CommandIntent): bigint | undefined {
  const id = /\/wallets\/(\d+)\//.exec(path)?.[1] ?? body.wallet_id;
  return id === undefined ? undefined : BigInt(String(id));
}

function describeLost(hold: OrderHoldRow, body: Body, captures: readonly CaptureRow[]): string[] {
  const upTo = [0n, ...captures.map(({ upToMinor }) => upToMinor)];
  const wasCaptured = upTo.includes(told(body, 'captured_minor'));
  const hasEndedSo =
    body.status === 'open' ||
    // Its time was over when a client saw it, so nothing more was captured of it.
    (body.status === 'expiring' &&
      hold.status !== 'captured' &&
      hold.status !== 'released' &&
      told(body, 'captured_minor') === hold.capturedMinor) ||
    (body.status === hold.status &&
      told(body, 'captured_minor') === hold.capturedMinor &&
      told(body, 'released_minor') === hold.releasedMinor);
  return [
    ...(wasCaptured ? [] : [`hold ${hold.id} was captured up to ${upTo.slice(1).join(', ') || 'nothing'}`]),
    ...(hasEndedSo
      ? []
      : [
          `hold ${hold.id} is ${hold.status}, with ${hold.capturedMinor} captured and ${hold.releasedMinor} released`,
        ]),
  ];
}

/** A release, and a capture that keeps nothing for another one, ended the hold. */
function describeUnended({ kind, body: asked }: CommandIntent, body: Body): string[] {
  const mustHaveEnded = kind === 'release' || (kind === 'capture' && asked.final !== false);
  const expected = kind === 'release' ? 'released' : 'captured';
  return mustHaveEnded && body.status !== expected ? [`it had asked for it to be ${expected}`] : [];
}

/** The capture that an answer tells of is the one after which so much had been captured. */
function describeMisdirected(
  { kind, body: asked }: CommandIntent,
  body: Body,
  {
    captures,
    accounts,
  }: { readonly captures: readonly CaptureRow[]; readonly accounts: ReadonlyMap<bigint, AccountRow> },
): string[] {
  const capture = captures.find(({ upToMinor }) => upToMinor === told(body, 'captured_minor'));
  // One that is not there is told of above.
  if (kind !== 'capture' || !capture) return [];
  const { amountMinor, toAccountId } = capture;
  const isAsked = asked.amount === undefined || centsOf(String(asked.amount)) === amountMinor;
  const taker = accounts.get(toAccountId ?? -1n);
  return [
    ...(isAsked ? [] : [`${amountMinor} were captured`]),
    ...(taker && isWanted(taker, asked) ? [] : [`account ${toAccountId} got the money`]),
  ];
}

/** Clients hold dollars only. */
function centsOf(amount: string): bigint {
  const [whole, decimals = ''] = amount.split('.');
  return BigInt(`${whole}${decimals.padEnd(2, '0')}`);
}

function isWanted(taker: AccountRow, { to_wallet_id, to_user_id }: CommandIntent['body']): boolean {
  if (to_wallet_id !== undefined) return taker.id === BigInt(String(to_wallet_id));
  if (to_user_id !== undefined) return taker.userId === BigInt(String(to_user_id)) && taker.name === '';
  return taker.kind === 'sales';
}

function violation(detail: string): Violation {
  return { invariant: 'I5', paymentId: null, detail };
}

import type { Violation, World } from '../world/world.ts';
import { keyNameOf, readDone } from './command-bodies.ts';

/**
 * I9 for everything but payments: every transfer, hold and conversion is what exactly one key that made it says; no hold was captured more often than
 * keys asked for it; and a user has one wallet of each name in each currency.
 */
export function checkCommandsExecuteOnce(world: World): Violation[] {
  return [
    ...checkMade(world, { kind: 'transfer', ids: world.transfers.map(({ id }) => id) }),
    ...checkMade(world, {
      kind: 'conversion',
      ids: world.quotes.flatMap(({ id, usedAt }) => (usedAt === null ? [] : [id])),
    }),
    ...checkHolds(world),
    ...checkCaptures(world),
    ...checkWallets(world),
  ];
}

/** Clients ask for these with a key only, so there is one key for each, whose answer is a success. */
function checkMade(
  { commandKeys }: World,
  { kind, ids }: { readonly kind: string; readonly ids: readonly bigint[] },
): Violation[] {
  const keysOf = Map.groupBy(
    commandKeys.filter((key) => key.kind === kind && key.status < 300),
    ({ resourceId }) => resourceId,
  );
  return ids.flatMap((id) => {
    const count = keysOf.get(id)?.length ?? 0;
    return count === 1 ? [] : [violation(`${kind} ${id} was made, and ${count} keys made it`)];
  });
}

function checkHolds({ commandKeys, orderHolds }: World): Violation[] {
  const known = new Set(
    commandKeys.flatMap(({ kind, resourceId }) => (kind === 'order_hold' ? [resourceId] : [])),
  );
  return orderHolds
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => violation(`hold ${id} was placed, and no key asked for it`));
}

function checkCaptures({ commandAnswers, commandKeys, orderHolds, steps }: World): Violation[] {
  const asked = new Set(
    commandAnswers.flatMap(({ intent }) => (intent.kind === 'capture' ? [keyNameOf(intent)] : [])),
  );
  const keysOf = Map.groupBy(
    commandKeys.filter(({ userId, key, status }) => asked.has(`${userId} ${key}`) && status < 300),
    ({ resourceId }) => resourceId,
  );
  const capturesOf = Map.groupBy(steps, ({ reference }) => reference);
  return orderHolds.flatMap(({ id }) => {
    const captureCount = capturesOf.get(`hold:${id}`)?.length ?? 0;
    const keyCount = keysOf.get(id)?.length ?? 0;
    if (captureCount === keyCount) return [];
    return [violation(`hold ${id} was captured ${captureCount} times, and ${keyCount} keys captured it`)];
  });
}

function checkWallets({ accounts, commandAnswers }: World): Violation[] {
  const wallets = Map.groupBy(
    accounts.filter(({ userId }) => userId !== null),
    ({ userId, currency, name }) => [userId, currency, name].join(' ').trim(),
  );
  const told = Map.groupBy(readDone(commandAnswers, 'wallet'), ({ body }) =>
    [body.user_id, body.currency, body.name ?? ''].join(' ').trim(),
  );
  return [
    ...[...wallets]
      .filter(([, same]) => same.length > 1)
      .map(([name, same]) =>
        violation(`there are ${same.length} wallets of (user, currency and name: ${name})`),
      ),
    ...[...told]
      .map(([name, same]) => [name, new Set(same.map(({ body }) => body.id))] as const)
      .filter(([, ids]) => ids.size > 1)
      .map(([name, ids]) =>
        violation(`the wallet of (user, currency and name: ${name}) was told as ${[...ids]}`),
      ),
  ];
}

function violation(detail: string): Violation {
  return { invariant: 'I9', paymentId: null, detail };
}

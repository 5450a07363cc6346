import { readAcceptance } from '../load/client.ts';
import type { Violation, World } from '../world/world.ts';
import { askedMinor } from './asked-amount.ts';

/**
 * I9. A key never executes twice: its answers name one payment; the gateway executed each reference once; and there are no
 * more payments than keys, redrives, and requests without a key can account for.
 */
export function checkKeysExecuteOnce(world: World): Violation[] {
  return [...checkAnswers(world), ...checkBook(world), ...checkUnexplained(world)];
}

function checkAnswers({ answers }: World): Violation[] {
  const paymentsOf = new Map<string, Set<bigint>>();
  const keysOf = new Map<bigint, Set<string>>();
  for (const answer of answers) {
    const accepted = readAcceptance(answer);
    const { userId, key } = answer.intent;
    if (!accepted || key === null) continue;
    const name = `${userId} ${key}`;
    paymentsOf.set(name, (paymentsOf.get(name) ?? new Set()).add(accepted.paymentId));
    keysOf.set(accepted.paymentId, (keysOf.get(accepted.paymentId) ?? new Set()).add(name));
  }
  return [
    ...[...paymentsOf]
      .filter(([, ids]) => ids.size > 1)
      .map(([name, ids]) =>
        violation([...ids][1] ?? null, `the key (user and key: ${name}) made the payments ${[...ids]}`),
      ),
    ...[...keysOf]
      .filter(([, names]) => names.size > 1)
      .map(([id, names]) =>
        violation(id, `payment ${id} was the answer to ${names.size} keys: ${[...names].join(', ')}`),
      ),
  ];
}

function checkBook({ book }: World): Violation[] {
  return [...Map.groupBy(book, ({ reference }) => reference).values()].flatMap((entries) =>
    entries.length === 1
      ? []
      : [
          violation(
            entries[0]?.paymentId ?? null,
            `the gateway executed ${entries[0]?.reference} ${entries.length} times`,
          ),
        ],
  );
}

function checkUnexplained({ payments, keys, answers }: World): Violation[] {
  const keyed = new Set(keys.map(({ paymentId }) => paymentId));
  const asked = new Map<string, number>();
  for (const { intent } of answers) {
    if (intent.key !== null) continue;
    const what = `${intent.type} of ${intent.amountMinor} for user ${intent.userId}`;
    asked.set(what, (asked.get(what) ?? 0) + 1);
  }
  return payments.flatMap((payment) => {
    const { id, type, userId, redriveOf } = payment;
    if (keyed.has(id) || redriveOf !== null) return [];
    const what = `${type} of ${askedMinor(payment)} for user ${userId}`;
    const left = asked.get(what) ?? 0;
    asked.set(what, left - 1);
    return left > 0 ? [] : [violation(id, `payment ${id}, a ${what}, is one more than was asked for`)];
  });
}

function violation(paymentId: bigint | null, detail: string): Violation {
  return { invariant: 'I9', paymentId, detail };
}

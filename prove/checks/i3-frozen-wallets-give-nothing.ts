import type { CommandAnswer } from '../load/client-journal.ts';
import type { Violation, World } from '../world/world.ts';
import { readAcceptedAt } from './accepted-at.ts';

/** A request that got no answer may be carried out for so long: longer than any of its parts may take. */
const IN_FLIGHT_MS = 15_000;

/**
 * What I3 means for frozen wallets: nothing that began after a freeze was answered was promised or taken from the wallet before anybody asked to
 * open it again.
 */
export function checkFrozenWalletsGiveNothing(world: World): Violation[] {
  const frozen = Map.groupBy(readFrozen(world.commandAnswers), ({ walletId }) => walletId);
  return readDebits(world).flatMap(({ name, paymentId, walletId, beganAt, acceptedAt }) => {
    const period = frozen.get(walletId)?.find(({ from, to }) => beganAt > from && acceptedAt < to);
    if (!period) return [];
    return [
      {
        ...{ invariant: 'I3' as const, paymentId },
        detail: `${name} was accepted between ${beganAt.toISOString()} and ${acceptedAt.toISOString()}, and wallet ${walletId} was frozen from ${period.from.toISOString()} to ${period.to.toISOString()}`,
      },
    ];
  });
}

/** While a wallet was frozen for certain. */
interface Frozen {
  readonly walletId: bigint;
  readonly from: Date;
  readonly to: Date;
}

/** From the answer to a freeze until somebody asks to open the wallet, unless somebody had asked before, and may have been heard later. */
export function readFrozen(answers: readonly CommandAnswer[]): Frozen[] {
  const changes = answers.filter(({ intent }) => intent.kind === 'freeze' || intent.kind === 'unfreeze');
  return [...Map.groupBy(changes, ({ intent }) => walletOf(intent.path))].flatMap(([walletId, ofWallet]) => {
    const unfreezes = ofWallet.filter(({ intent }) => intent.kind === 'unfreeze');
    return ofWallet
      .filter(({ intent, status }) => intent.kind === 'freeze' && status === 200)
      .flatMap(({ sentAt, answeredAt: from }): Frozen[] => {
        const isDoubtful = unfreezes.some(
          (unfreeze) => unfreeze.sentAt <= from && lastHeardAt(unfreeze) >= sentAt,
        );
        if (isDoubtful) return [];
        const ends = unfreezes.map((unfreeze) => unfreeze.sentAt).filter((asked) => asked > from);
        const to = ends.reduce<Date | undefined>(
          (first, end) => (first && first < end ? first : end),
          undefined,
        );
        return [{ walletId, from, to: to ?? new Date(8.64e15) }];
      });
  });
}

function lastHeardAt({ status, sentAt, answeredAt }: CommandAnswer): Date {
  return status !== null && status < 500 ? answeredAt : new Date(sentAt.getTime() + IN_FLIGHT_MS);
}

function walletOf(path: string): bigint {
  return BigInt(/\/wallets\/(\d+)\//.exec(path)?.[1] ?? -1);
}

/** Money that left a wallet, or was promised to somebody else. */
interface Debit {
  readonly name: string;
  readonly paymentId: bigint | null;
  readonly walletId: bigint;
  readonly beganAt: Date;
  readonly acceptedAt: Date;
}

function readDebits(world: World): Debit[] {
  const acceptedAt = readAcceptedAt(world);
  const { payments, transfers, orderHolds, quotes } = world;
  const begun = [
    ...payments
      // What was refused for want of money is there, too, and took nothing; so was nothing of a refund whose fee alone goes back.
      .filter(
        ({ type, amountMinor, feeMinor }) =>
          type === 'withdraw' || (type === 'refund' && amountMinor > feeMinor),
      )
      .map(({ id, walletId, createdAt }) => ({
        ...{ name: `payment ${id}`, paymentId: id, walletId, beganAt: createdAt },
      })),
    ...transfers.map(({ id, fromWalletId, createdAt }) => ({
      ...{ name: `transfer ${id}`, paymentId: null, walletId: fromWalletId, beganAt: createdAt },
    })),
    ...orderHolds.map(({ id, walletId, createdAt }) => ({
      ...{ name: `hold ${id}`, paymentId: null, walletId, beganAt: createdAt },
    })),
    ...quotes.flatMap(({ id, fromWalletId, usedAt }) =>
      usedAt ? [{ name: `conversion ${id}`, paymentId: null, walletId: fromWalletId, beganAt: usedAt }] : [],
    ),
  ];
  return begun.flatMap((debit) => {
    const at = acceptedAt.get(debit.name);
    return at ? [{ ...debit, acceptedAt: at }] : [];
  });
}

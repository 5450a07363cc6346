import { decideReplay } from '../idempotency/decide-replay.ts';
import type { ScopedClaim, UsedKey } from '../idempotency/used-key.ts';
import type { KeyToWrite } from '../idempotency/used-keys.sql.ts';
import type { CommandFacts, CommandKind } from './command-kind.ts';
import type { CommandOutcome } from './command-outcome.ts';
import { createFunds, type LockedWallet } from './funds.ts';
import { createTally } from './tally.ts';

/**
 * Nothing is written for a command because another transaction has locked its wallet (`wallet_locked`), or because no new command is carried out
 * now (`halted`).
 */
export type BatchOutcome<Result> =
  | CommandOutcome<Result>
  | { readonly kind: 'wallet_locked' }
  | { readonly kind: 'halted' };

export interface BatchDecision<Row, Result> {
  readonly outcomes: readonly BatchOutcome<Result>[];
  readonly rows: readonly Row[];
  readonly keys: readonly KeyToWrite[];
}

/**
 * Decides a batch of commands in order: which get a stored answer, which are refused, and what to write. Pure. A command sees what earlier
 * commands of the batch took. Otherwise it never affects another command, except that the first use of a key in a batch also answers the
 * later ones.
 * @param wallets those that the batch has locked, by wallet id.
 * @param isHalted whether only keys that were used before are answered.
 */
export function decideBatch<Request, Facts, Row, Result>(
  kind: Pick<CommandKind<Request, Facts, Row, Result, never>, 'keyOf' | 'fundsOf' | 'decide'>,
  requests: readonly Request[],
  {
    read,
    wallets,
    isHalted = false,
  }: {
    readonly read: readonly CommandFacts<Facts>[];
    readonly wallets: ReadonlyMap<bigint, LockedWallet>;
    readonly isHalted?: boolean;
  },
): BatchDecision<Row, Result> {
  const rows: Row[] = [];
  const keys: KeyToWrite[] = [];
  const usedInBatch = new Map<string, UsedKey>();
  const neighbours = { funds: createFunds(wallets), tally: createTally() };

  const outcomes = requests.map((request, index): BatchOutcome<Result> => {
    const { usedKey, walletId, alsoLockedIds = [], facts } = read[index] as CommandFacts<Facts>;
    const claim = kind.keyOf(request);
    const used = usedKey ?? (claim && usedInBatch.get(nameOf(claim)));
    if (claim && used) return decideReplay(used, claim.fingerprint);
    if (isHalted) return { kind: 'halted' };

    const needsFunds = kind.fundsOf(request) !== null;
    const needed = needsFunds && walletId !== null ? [walletId, ...alsoLockedIds] : alsoLockedIds;
    if (!needed.every((id) => wallets.has(id))) return { kind: 'wallet_locked' };

    const { result, row, kept } = kind.decide(request, { walletId, facts }, neighbours);
    if (row !== undefined) rows.push(row);
    if (claim && kept) {
      keys.push({ ...claim, ...kept });
      usedInBatch.set(nameOf(claim), {
        fingerprint: claim.fingerprint,
        status: kept.response.status,
        ...kept,
      });
    }
    return { kind: 'decided', result };
  });
  return { outcomes, rows, keys };
}

function nameOf({ scope, key }: ScopedClaim): string {
  return `${scope} ${key}`;
}

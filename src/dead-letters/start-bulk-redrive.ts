import { hash } from 'node:crypto';
import type { Pool, Transaction } from '../database/database.ts';
import { type Executed, executeOnce, type OnceOutcome } from '../idempotency/execute-once.ts';
import { findUsedKey } from '../idempotency/find-used-key.ts';
import { KEY_SCOPES, type StoredResponse } from '../idempotency/used-key.ts';
import type { BulkRedrive, LetterFilter } from './bulk-redrive.ts';
import { insertBulkRedrive, isBulkRedriveWritten, selectMissingLetters } from './bulk-redrives.sql.ts';

export interface BulkRedriveOrder {
  readonly filter: LetterFilter;
  /** From 1 to 100. */
  readonly perSecond: number;
  readonly by: string;
  readonly reason: string;
}

export type StartOutcome =
  | OnceOutcome<Executed>
  /** Some named letters do not exist. Nothing was started. */
  | { readonly kind: 'letters_not_found'; readonly letterIds: readonly bigint[] };

/**
 * Starts a bulk redrive of the open letters that match now, or of the named ones; workers carry it out. The same request with the same key
 * starts nothing and gets the stored answer.
 * @throws a database error, and then nothing was started; CommitOutcomeUnknown if that is not known.
 */
export async function startBulkRedrive(
  pool: Pool,
  order: BulkRedriveOrder,
  {
    key = null,
    responseTtlMs,
    renderResponse,
    onStarted,
    refuse = () => {},
  }: {
    readonly key?: string | null;
    readonly responseTtlMs: number;
    readonly renderResponse: (redrive: BulkRedrive) => StoredResponse;
    /** Called with a redrive that this request started. */
    readonly onStarted: (redrive: BulkRedrive) => void;
    /** Called before a redrive is started, once it is known that its key is new; it may throw, and then nothing is started. */
    readonly refuse?: () => void;
  },
): Promise<StartOutcome> {
  const idempotency = key === null ? null : { key, fingerprint: fingerprintOf(order) };
  const letterIds = await selectMissingLetters(pool, order.filter.letterIds ?? []);
  if (letterIds.length > 0) {
    // A key that was used before decides all the same: docs/decisions/101.
    const claim = idempotency && { ...idempotency, scope: KEY_SCOPES.bulkRedrives };
    const used = claim && (await findUsedKey(pool, claim, { responseTtlMs }));
    return used ?? { kind: 'letters_not_found', letterIds };
  }
  const outcome = await executeOnce(
    pool,
    { scope: KEY_SCOPES.bulkRedrives, idempotency, responseTtlMs },
    {
      async write(transaction: Transaction) {
        refuse();
        const redrive = await insertBulkRedrive(transaction, order);
        const resource = { kind: 'bulk_redrive', id: redrive.id } as const;
        return { resource, redrive, response: renderResponse(redrive) };
      },
      isWritten: (queryable, { redrive }) => isBulkRedriveWritten(queryable, redrive),
    },
  );
  if (outcome.kind === 'executed') onStarted(outcome.written.redrive);
  return outcome;
}

/** The fingerprint of the request: a missing member equals its default, and the order of the named letters does not matter. */
function fingerprintOf({ filter, perSecond, by, reason }: BulkRedriveOrder): Buffer {
  const { reasons, type, userId, letterIds } = filter;
  const order = [
    [...(reasons ?? [])].sort(),
    type ?? null,
    userId?.toString() ?? null,
    letterIds?.map(String).sort() ?? null,
    perSecond,
    by,
    reason,
  ];
  return hash('sha256', JSON.stringify(order), 'buffer');
}

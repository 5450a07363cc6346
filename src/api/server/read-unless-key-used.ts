import type { Request } from 'express';
import type { ReplayOutcome } from '../../idempotency/decide-replay.ts';
import { findUsedKey } from '../../idempotency/find-used-key.ts';
import { Problem } from '../problems/problem.ts';
import type { ApiContext } from './api-context.ts';
import { readIdempotencyKey } from './idempotency-key.ts';

/** No request that was understood has it. */
const NOT_UNDERSTOOD = Buffer.alloc(0);

/**
 * Reads what a command needs before it can be understood: a hold, a wallet, a deposit, and the amount in its currency. If that fails, a key
 * that the user has used before decides all the same, and the failure is not told: it was used for another request, because what that one
 * named is there for ever.
 * @param userId to whom the key belongs.
 * @throws Problem of `read` if the key was not used before, or if the key itself is missing or malformed.
 */
export async function readUnlessKeyUsed<Meant>(
  { config, pool }: Pick<ApiContext, 'config' | 'pool'>,
  request: Request,
  { userId, read }: { readonly userId: bigint; readonly read: () => Promise<Meant> },
): Promise<{ readonly kind: 'read'; readonly meant: Meant } | ReplayOutcome> {
  const { isKeyRequired: isRequired, responseTtlMs } = config.idempotency;
  const key = readIdempotencyKey(request, { isRequired });
  try {
    return { kind: 'read', meant: await read() };
  } catch (error) {
    if (key === null || !(error instanceof Problem)) throw error;
    const claim = { scope: userId, key, fingerprint: NOT_UNDERSTOOD };
    const used = await findUsedKey(pool, claim, { responseTtlMs });
    if (used) return used;
    throw error;
  }
}

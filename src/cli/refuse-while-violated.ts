import { readIntegrity } from '../integrity/read-integrity.ts';
import { StartError } from '../shared/lifecycle.ts';
import type { Session } from './session.ts';

/**
 * The guard of every order that moves money, as the API has it.
 * @throws StartError while a violation of the ledger stands.
 */
export async function refuseWhileViolated({ config, pool }: Session): Promise<void> {
  const { openCount } = await readIntegrity(pool, { staleAfterMs: config.INTEGRITY_STALE_SECONDS });
  if (openCount === 0) return;
  throw new StartError(
    `${openCount} violations of the ledger stand, and no money moves until a person has looked. See: npx tollgate integrity`,
  );
}

import { readIntegrity } from '../integrity/read-integrity.ts';
import { assertAtHome } from '../ledger/assert-at-home.ts';
import { StartError } from '../process/lifecycle.ts';
import { countOf } from '../text/plural.ts';
import type { Session } from './session.ts';

/**
 * The guard of every order that moves money, as the API has it.
 * @throws StartError while a violation of the ledger stands, or when the database is a copy on another server.
 */
export async function refuseWhileViolated({ config, pool }: Session): Promise<void> {
  await assertAtHome(pool);
  const { openCount } = await readIntegrity(pool, { staleAfterMs: config.integrity.staleAfterMs });
  if (openCount === 0) return;
  throw new StartError(
    `The ledger has ${countOf(openCount, 'open violation')}, and no money moves until a person has looked. See: npx tollgate integrity`,
  );
}

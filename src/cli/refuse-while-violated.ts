import { readIntegrity } from '../integrity/read-integrity.ts';
import { requireLedgerServer } from '../ledger/server/require-ledger-server.ts';
import { StartError } from '../process/lifecycle.ts';
import { countOf } from '../text/plural.ts';
import type { Session } from './session.ts';

/**
 * Guards every command that moves money, as the API does.
 * @throws StartError while an integrity violation is open, or if the database is a copy on another server.
 */
export async function refuseWhileViolated({ config, pool }: Session): Promise<void> {
  await requireLedgerServer(pool);
  const { openCount } = await readIntegrity(pool, { staleAfterMs: config.integrity.staleAfterMs });
  if (openCount === 0) return;
  throw new StartError(
    `The ledger has ${countOf(openCount, 'open violation')}, so no money moves until a person has dealt with it. See: npx tollgate integrity`,
  );
}

import type { Queryable } from '../database/database.ts';
import { decideIntegrityReport, type IntegrityReport } from './integrity-report.ts';
import { selectIntegrityState } from './read-integrity.sql.ts';
import { countOpenViolations } from './violations.sql.ts';

/** Reads the state of the ledger as of the last check, in a few milliseconds, without checking anything. */
export async function readIntegrity(
  queryable: Queryable,
  options: { readonly staleAfterMs: number },
): Promise<IntegrityReport> {
  const state = await selectIntegrityState(queryable);
  return decideIntegrityReport(state, await countOpenViolations(queryable), options);
}

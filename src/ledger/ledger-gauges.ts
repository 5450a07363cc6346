import type { Pool } from '../database/database.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { selectSystemAccountSamples } from './sample-ledger.sql.ts';

/** Gauges of the system accounts: their balances, and how far their fold is behind. */
export function createLedgerGauges({
  pool,
  registry,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
}): Sampler {
  const registers = [registry];
  const balance = new Gauge({
    name: 'tollgate_ledger_balance_minor_units',
    help: 'Folded balance of the system accounts, credit-positive; a negative gateway account means that the gateway owes us.',
    labelNames: ['kind', 'currency'],
    registers,
  });
  const foldLag = new Gauge({
    name: 'tollgate_ledger_fold_lag_transactions',
    help: 'Ended transactions that the fold of the system accounts has not read yet; below zero: transaction ids went back, see npx tollgate rebase.',
    registers,
  });

  return async () => {
    const accounts = await selectSystemAccountSamples(pool);
    for (const { kind, currency, posted } of accounts) {
      // A chart may round beyond 2^53, but the ledger does not.
      balance.set({ kind, currency }, Number(posted));
    }
    const lags = accounts.map((account) => account.foldLag);
    // An impossible value must not be hidden by an account that is merely late.
    foldLag.set(lags.some((lag) => lag < 0) ? Math.min(...lags) : Math.max(0, ...lags));
  };
}

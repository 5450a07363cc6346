import type { UsedKeyOutcome } from '../idempotency/decide-replay.ts';
import { Counter, type Registry, startAtZero } from '../telemetry/metrics.ts';

type TransferFate = 'transferred' | 'refused' | Exclude<UsedKeyOutcome['kind'], 'replayed'>;

/** A record, so that none can be forgotten: a counter that does not begin at 0 hides its first increase. */
const IS_FATE: Readonly<Record<TransferFate, true>> = {
  transferred: true,
  refused: true,
  key_reused: true,
  key_expired: true,
  key_in_use: true,
};

/** Counts transfers between wallets, by the process whose transaction committed. */
export function createTransferMetrics(registry: Registry) {
  const transfers = new Counter({
    name: 'tollgate_transfers_total',
    help: 'Requests for a transfer between wallets, by what became of them; stored answers that were returned again do not count.',
    labelNames: ['result'],
    registers: [registry],
  });
  startAtZero(transfers, { result: Object.keys(IS_FATE) });
  return (result: TransferFate): void => transfers.inc({ result });
}

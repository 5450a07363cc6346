import type { Knex, Pool } from '../../database/database.ts';
import type { DatabasePulse } from '../../database/sessions/database-pulse.ts';
import type { IntegrityWatch } from '../../integrity/watch-integrity.ts';
import type { Acceptor } from '../../payments/accept/acceptance.ts';
import type { CallbackIntake } from '../../payments/callbacks/create-callback-intake.ts';
import type { Config } from '../../process/settings/config.ts';
import type { Logger } from '../../telemetry/logging.ts';
import type { MetricsPage } from '../../telemetry/metrics-page.ts';
import type { UserCreator } from '../../wallets/create-user.ts';
import type { WalletOpener } from '../../wallets/open-wallet.ts';
import type { LoadMeter } from '../load/load-meter.ts';
import type { ApiMetrics } from './api-metrics.ts';

/** What the operations of the API work with. */
export interface ApiContext {
  readonly config: Config;
  readonly pool: Pool;
  readonly knex: Knex;
  /** For lists and searches, which must not hold up what reads one thing. */
  readonly lists: Knex;
  readonly acceptor: Acceptor;
  readonly userCreator: UserCreator;
  readonly walletOpener: WalletOpener;
  readonly callbacks: CallbackIntake;
  readonly integrity: IntegrityWatch;
  readonly log: Logger;
  readonly metricsPage: MetricsPage;
  readonly metrics: ApiMetrics;
  readonly version: string;
  readonly pulse: Pick<DatabasePulse, 'isHung'>;
  readonly loadMeter: Pick<LoadMeter, 'read'>;
  /** Fires when a task was put in the queue. */
  readonly onTaskReady: () => void;
}

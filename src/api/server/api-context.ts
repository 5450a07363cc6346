import type { Converter } from '../../conversions/convert/create-converter.ts';
import type { QuoteOfferer } from '../../conversions/quotes/create-quote-offerer.ts';
import type { Knex, Pool } from '../../database/database.ts';
import type { DatabasePulse } from '../../database/sessions/database-pulse.ts';
import type { EventFeed } from '../../events/event-feed.ts';
import type { NamedGateway } from '../../gateway/port/gateways.ts';
import type { IntegrityWatch } from '../../integrity/watch-integrity.ts';
import type { OrderHolder } from '../../order-holds/hold-for-order.ts';
import type { OrderHoldResolver } from '../../order-holds/resolve-order-hold.ts';
import type { Acceptor } from '../../payments/accept/acceptance.ts';
import type { CallbackIntake } from '../../payments/callbacks/create-callback-intake.ts';
import type { ConclusionWatch } from '../../payments/read/watch-conclusions.ts';
import type { Config } from '../../process/settings/config.ts';
import type { Logger } from '../../telemetry/logging.ts';
import type { MetricsPage } from '../../telemetry/metrics-page.ts';
import type { UserCreator } from '../../wallets/create-user.ts';
import type { WalletOpener } from '../../wallets/open-wallet.ts';
import type { TransferExecutor } from '../../wallets/transfer-money.ts';
import type { FeedPlaces } from '../features/events/feed-places.ts';
import type { LoadMeter } from '../load/load-meter.ts';
import type { Lookups } from '../lookups.ts';
import type { ApiMetrics } from './api-metrics.ts';

/** What the API's operations depend on. */
export interface ApiContext {
  readonly config: Config;
  readonly gateways: readonly NamedGateway[];
  readonly pool: Pool;
  readonly knex: Knex;
  /** A pool for lists and searches, so that they cannot hold up reads of a single thing. */
  readonly lists: Knex;
  readonly lookups: Lookups;
  readonly acceptor: Acceptor;
  readonly userCreator: UserCreator;
  readonly quoteOfferer: QuoteOfferer;
  readonly converter: Converter;
  readonly walletOpener: WalletOpener;
  readonly orderHolder: OrderHolder;
  readonly orderHoldResolver: OrderHoldResolver;
  readonly transfers: TransferExecutor;
  readonly callbacks: CallbackIntake;
  /** For requests that wait for the end of a payment. */
  readonly conclusions: ConclusionWatch;
  readonly feed: EventFeed;
  /** For requests that wait for events. */
  readonly feedPlaces: FeedPlaces;
  readonly integrity: IntegrityWatch;
  readonly log: Logger;
  readonly metricsPage: MetricsPage;
  readonly metrics: ApiMetrics;
  readonly version: string;
  readonly pulse: Pick<DatabasePulse, 'isHung'>;
  readonly loadMeter: Pick<LoadMeter, 'read'>;
  /** Fires when a task has been put in the queue. */
  readonly onTaskReady: () => void;
}

import { z } from 'zod';
import { addressList, NO_ADDRESSES } from '../../http/address-list.ts';
import { hostList } from '../../http/allowed-hosts.ts';
import { setting } from './setting.ts';
import { bounded, count, port, seconds, zeroOrBounded } from './setting-kinds.ts';

/** Where the API listens, and how much load it accepts. */
export const apiSettings = {
  host: setting('API_HOST', z.string().min(1).default('127.0.0.1')),
  port: setting('API_PORT', port.default(8000)),
  allowedHosts: setting('API_ALLOWED_HOSTS', hostList.default([])),
  bodyLimitBytes: setting('API_BODY_LIMIT_BYTES', count(1024, 10_485_760).default(65_536)),
  maxBatchSize: setting('API_MAX_BATCH_SIZE', count(1, 1000).default(256)),
  maxWaitingRequests: setting('API_MAX_WAITING_REQUESTS', count(1, 1_000_000).default(10_000)),
  maxWaitMs: setting('API_MAX_WAIT_SECONDS', seconds(0.05, 120).default(5000)),
  maxConnections: setting('API_MAX_CONNECTIONS', count(1, 1_000_000).default(10_000)),
  maxConnectionsPerAddress: setting('API_MAX_CONNECTIONS_PER_ADDRESS', count(1, 1_000_000).default(2500)),
  isProxy: setting(
    'API_PROXIES',
    addressList.default(() => NO_ADDRESSES),
  ),
  maxConcurrentRequests: setting('API_MAX_CONCURRENT_REQUESTS', count(1, 1_000_000).default(10_000)),
  shedEventLoopDelayMs: setting('API_SHED_EVENT_LOOP_DELAY_SECONDS', seconds(0.01, 60).default(1000)),
  shedMemoryShare: setting('API_SHED_MEMORY_SHARE', bounded(0.001, 1, 'a share').default(0.85)),
  depositWaitMs: setting(
    'API_DEPOSIT_WAIT_SECONDS',
    zeroOrBounded(0.001, 60, 'a number of seconds')
      .transform((value) => Math.round(value * 1000))
      .default(5000),
  ),
  requestTimeoutMs: setting('API_REQUEST_TIMEOUT_SECONDS', seconds(0.1, 120).default(10_000)),
};

/** Who is an operator, and where operators are served. */
export const operatorSettings = {
  token: setting(
    'OPERATOR_TOKEN',
    z
      .string()
      .regex(/^[\x21-\x7e]{16,256}$/, 'must be 16 to 256 visible ASCII characters without spaces')
      .optional(),
  ),
  host: setting('OPERATOR_HOST', z.string().min(1).default('127.0.0.1')),
  port: setting('OPERATOR_PORT', port.optional()),
};

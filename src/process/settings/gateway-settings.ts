import { z } from 'zod';
import { parseAnswerMapping } from './gateway-answer-mapping.ts';
import { gatewayHeaders, HEADER_VALUE } from './gateway-headers.ts';
import { setting } from './setting.ts';
import { bounded, count, flag, httpUrl, seconds, zeroOrBounded } from './setting-kinds.ts';

const secretsOfCallbacks = z
  .string()
  .transform((value) => value.split(',').map((secret) => secret.trim()))
  .refine(
    (secrets) => secrets.length <= 2 && secrets.every((secret) => secret.length >= 16),
    'must be one secret of at least 16 characters, or two with a comma between them while you rotate it',
  );

const answerMapping = z.string().transform((value, context) => {
  const parsed = parseAnswerMapping(value);
  if ('mapping' in parsed) return parsed.mapping;
  context.addIssue({ code: 'custom', message: parsed.problem });
  return z.NEVER;
});

/** Where further gateways are described, for the currencies that the gateway below does not serve. */
export const gatewaysSettings = {
  file: setting('GATEWAYS_FILE', z.string().min(1).optional()),
};

/** Where the gateway is, how we authenticate, how it phrases answers, and how often a payment is tried. */
export const gatewaySettings = {
  url: setting('PAYMENT_GATEWAY_URL', httpUrl.default('http://localhost:8001/mock-gateway')),
  bookUrl: setting('GATEWAY_BOOK_URL', httpUrl.optional()),
  isHttpAllowed: setting('GATEWAY_ALLOW_HTTP', flag.default(false)),
  authorization: setting(
    'GATEWAY_AUTHORIZATION',
    z.string().regex(HEADER_VALUE, 'must be a header value of visible ASCII characters').optional(),
  ),
  headers: setting(
    'GATEWAY_HEADERS',
    gatewayHeaders.default(() => ({})),
  ),
  clientCertFile: setting('GATEWAY_CLIENT_CERT_FILE', z.string().min(1).optional()),
  clientKeyFile: setting('GATEWAY_CLIENT_KEY_FILE', z.string().min(1).optional()),
  clientKeyPassphrase: setting('GATEWAY_CLIENT_KEY_PASSPHRASE', z.string().min(1).optional()),
  caFile: setting('GATEWAY_CA_FILE', z.string().min(1).optional()),
  callbackSecrets: setting('GATEWAY_CALLBACK_SECRET', secretsOfCallbacks.optional()),
  answerMapping: setting('GATEWAY_ANSWER_MAPPING', answerMapping.prefault('{}')),

  timeoutMs: setting('GATEWAY_TIMEOUT_SECONDS', seconds(0.01, 300).default(1000)),
  maxAttempts: setting('GATEWAY_MAX_ATTEMPTS', count(1, 100).default(3)),
  backoffBaseMs: setting('GATEWAY_BACKOFF_BASE_SECONDS', seconds(0, 3600).default(1000)),
  backoffMaxMs: setting('GATEWAY_BACKOFF_MAX_SECONDS', seconds(0, 86_400).default(30_000)),
  backoffJitterMs: setting('GATEWAY_BACKOFF_JITTER_SECONDS', seconds(0, 3600).default(500)),
  notFoundGraceMs: setting('GATEWAY_NOT_FOUND_GRACE_SECONDS', seconds(0, 86_400).default(900_000)),
  maxCallsPerSecond: setting(
    'GATEWAY_MAX_CALLS_PER_SECOND',
    zeroOrBounded(0.001, 100_000, 'a number').default(0),
  ),
  breakerFailureShare: setting('GATEWAY_BREAKER_FAILURE_RATE', bounded(0.01, 1, 'a share').default(0.9)),
  breakerMinCalls: setting('GATEWAY_BREAKER_MIN_CALLS', count(0, 10_000).default(10)),
  breakerWindowCalls: setting('GATEWAY_BREAKER_WINDOW_CALLS', count(1, 10_000).default(50)),
  breakerProbeMs: setting('GATEWAY_BREAKER_PROBE_SECONDS', seconds(0.01, 3600).default(1000)),
  breakerProbeMaxMs: setting('GATEWAY_BREAKER_PROBE_MAX_SECONDS', seconds(0.01, 3600).default(30_000)),
};

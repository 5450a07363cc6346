import { z } from 'zod';
import { setting } from './setting.ts';
import { httpUrl, port, rate, seconds } from './setting-kinds.ts';

/** The stand-in gateway: where it listens, and how badly it behaves. */
export const gatewayMockSettings = {
  host: setting('GATEWAY_MOCK_HOST', z.string().min(1).default('127.0.0.1')),
  port: setting('GATEWAY_MOCK_PORT', port.default(8001)),
  seed: setting('GATEWAY_MOCK_SEED', z.string().min(1).optional()),
  timeoutRate: setting('GATEWAY_MOCK_TIMEOUT_RATE', rate.default(0.1)),
  errorRate: setting('GATEWAY_MOCK_ERROR_RATE', rate.default(0.25)),
  refusalRate: setting('GATEWAY_MOCK_REFUSAL_RATE', rate.default(0)),
  executedFaultRate: setting('GATEWAY_MOCK_EXECUTED_FAULT_RATE', rate.default(0.5)),
  latencyMedianMs: setting('GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS', seconds(0, 60).default(20)),
  latencyP99Ms: setting('GATEWAY_MOCK_LATENCY_P99_SECONDS', seconds(0, 60).default(200)),
  inquiryLagMs: setting('GATEWAY_MOCK_INQUIRY_LAG_SECONDS', seconds(0, 60).default(1000)),
  bookFile: setting('GATEWAY_MOCK_BOOK_FILE', z.string().min(1).optional()),
  callbackUrl: setting('GATEWAY_MOCK_CALLBACK_URL', httpUrl.optional()),
  callbackDelayMs: setting('GATEWAY_MOCK_CALLBACK_DELAY_SECONDS', seconds(0, 60).default(500)),
  callbackDuplicateRate: setting('GATEWAY_MOCK_CALLBACK_DUPLICATE_RATE', rate.default(0.05)),
  callbackReorderRate: setting('GATEWAY_MOCK_CALLBACK_REORDER_RATE', rate.default(0.05)),
};

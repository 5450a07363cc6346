import { type Config, parseConfig } from '../../src/process/settings/config.ts';

/** Settings for a test: the defaults, silent, on free ports, with what the test changes. */
export function testConfig(changes: Record<string, string> = {}): Config {
  return parseConfig({
    APP_ENV: 'test',
    LOG_LEVEL: 'silent',
    API_PORT: '0',
    GATEWAY_MOCK_PORT: '0',
    GATEWAY_MOCK_INQUIRY_LAG_SECONDS: '0',
    WORKER_METRICS_PORT: '0',
    // What a test has just done must show.
    METRICS_MAX_AGE_SECONDS: '0',
    ...changes,
  });
}

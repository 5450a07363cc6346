import { SETTING_NAMES } from '../process/settings/config.ts';
import { nearestName } from './nearest-name.ts';

test.each([
  ['API_PROT', 'API_PORT'],
  ['api_port', 'API_PORT'],
  ['API-PORT', 'API_PORT'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['GATEWAY_MAX_ATTEMPT', 'GATEWAY_MAX_ATTEMPTS'],
  ['GATEWAY_TIMEOUT', 'GATEWAY_TIMEOUT_SECONDS'],
  ['GATEWAY_TIMEOUT_MS', 'GATEWAY_TIMEOUT_SECONDS'],
  ['API_BODY_LIMIT', 'API_BODY_LIMIT_BYTES'],
  ['WORKER_CONCURENCY', 'WORKER_CONCURRENCY'],
])('%s was meant to be %s', (given, meant) => {
  expect(nearestName(given, SETTING_NAMES)).toBe(meant);
});

test.each([
  'POSTGRES_PASSWORD',
  'GRAFANA_PASSWORD',
  'NODE_OPTIONS',
  'API_KEY',
  'PATH',
  'HOME',
  'PORT',
  'A',
  '',
])('%s is near no name', (given) => {
  expect(nearestName(given, SETTING_NAMES)).toBeUndefined();
});

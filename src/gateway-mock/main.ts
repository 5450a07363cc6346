import { runMain, stopOnSignal } from '../shared/lifecycle.ts';
import { loadConfig } from '../shared/load-config.ts';
import { createLogger } from '../shared/logging.ts';
import { startGatewayMock } from './start-gateway-mock.ts';

runMain(async () => {
  const config = loadConfig();
  const log = createLogger(config, 'gateway-mock');
  const mock = await startGatewayMock(config, log);
  stopOnSignal(log, () => mock.stop(), 5000);
});

import { runMain, stopOnSignal } from '../process/lifecycle.ts';
import { loadConfig } from '../process/settings/load-config.ts';
import { createLogger } from '../telemetry/logging.ts';
import { startGatewayMock } from './start-gateway-mock.ts';

runMain(async () => {
  const config = loadConfig();
  const log = createLogger(config, 'gateway-mock');
  const mock = await startGatewayMock(config, log);
  stopOnSignal(log, () => mock.stop(), 5000);
});

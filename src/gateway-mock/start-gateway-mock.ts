import { randomBytes } from 'node:crypto';
import type { Config } from '../shared/config.ts';
import { startHttpServer } from '../shared/http-server.ts';
import type { Logger } from '../shared/logging.ts';
import { behaviourFromConfig } from './behaviour.ts';
import { createGatewayMockApp } from './create-app.ts';
import { createHeldAnswers } from './held-answers.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const LAST_ANSWERS_MS = 500;
/** As many as one worker may have at most. */
const MAX_CONNECTIONS = 10_000;

/**
 * Starts the stand-in gateway; without GATEWAY_MOCK_SEED it draws a seed and logs it.
 * @throws StartError when the port is in use, ConfigError when the rates do not fit together.
 */
export async function startGatewayMock(config: Config, log: Logger) {
  const seed = config.GATEWAY_MOCK_SEED ?? randomBytes(4).toString('hex');
  const heldAnswers = createHeldAnswers();
  const app = createGatewayMockApp({ seed, behaviour: behaviourFromConfig(config), heldAnswers, log });
  const server = await startHttpServer(app, {
    host: config.GATEWAY_MOCK_HOST,
    port: config.GATEWAY_MOCK_PORT,
    portSetting: 'GATEWAY_MOCK_PORT',
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxConnections: MAX_CONNECTIONS,
  });
  log.info({ event: 'gateway_mock.started', port: server.port, seed });
  return {
    port: server.port,
    seed,
    async stop(): Promise<void> {
      heldAnswers.releaseAll();
      await server.stop(LAST_ANSWERS_MS);
    },
  };
}

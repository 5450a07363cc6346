import { randomBytes } from 'node:crypto';
import { startHttpServer } from '../http/http-server.ts';
import { type Config, ConfigError } from '../process/settings/config.ts';
import type { Logger } from '../telemetry/logging.ts';
import { behaviourFromConfig } from './behaviour.ts';
import { createGatewayMockApp } from './create-app.ts';
import { createHeldAnswers } from './held-answers.ts';
import { openRecordFile } from './record-file.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const LAST_ANSWERS_MS = 500;
/** As many as one worker may open. */
const MAX_CONNECTIONS = 10_000;

/**
 * Starts the stand-in gateway. Without GATEWAY_MOCK_SEED it draws a seed and logs it.
 * @throws StartError if the port is in use or the book cannot be read, ConfigError if the settings contradict each other.
 */
export async function startGatewayMock(config: Config, log: Logger) {
  const seed = config.gatewayMock.seed ?? randomBytes(4).toString('hex');
  const heldAnswers = createHeldAnswers();
  const behaviour = behaviourFromConfig(config);
  const callbacks = callbacksFromConfig(config);
  const file = config.gatewayMock.bookFile ? openRecordFile(config.gatewayMock.bookFile) : undefined;
  const { app, sender } = createGatewayMockApp({
    seed,
    behaviour,
    heldAnswers,
    callbacks,
    file,
    allowedHosts: config.api.allowedHosts,
    listenedOn: config.gatewayMock.host,
    log,
  });
  const server = await startHttpServer(app, {
    host: config.gatewayMock.host,
    port: config.gatewayMock.port,
    portSetting: 'GATEWAY_MOCK_PORT',
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxConnections: MAX_CONNECTIONS,
  });
  return {
    started: {
      event: 'gateway_mock.started',
      port: server.port,
      seed,
      has_callbacks: sender !== undefined,
    },
    port: server.port,
    seed,
    async stop(): Promise<void> {
      heldAnswers.releaseAll();
      sender?.stop();
      await server.stop(LAST_ANSWERS_MS);
      file?.close();
    },
  };
}

function callbacksFromConfig(config: Config): { url: string; secret: string } | null {
  const url = config.gatewayMock.callbackUrl;
  if (!url) return null;
  // If there are two secrets, the first is the newer one.
  const [secret] = config.gateway.callbackSecrets ?? [];
  if (secret) return { url, secret };
  throw new ConfigError(
    'Settings are not valid: GATEWAY_MOCK_CALLBACK_URL needs GATEWAY_CALLBACK_SECRET, which signs the callbacks',
  );
}

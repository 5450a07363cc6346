import path from 'node:path';
import { type Config, loadConfig } from '../shared/config.ts';
import { runMain } from '../shared/lifecycle.ts';
import { migrateToLatest } from '../shared/migrate.ts';
import { renderBanner } from './banner.ts';
import { connectOrExplain } from './connect-or-explain.ts';
import { keepPostgres } from './keep-postgres.ts';
import { renderLogLine } from './log-lines.ts';
import { lockFolder, type StackLock } from './stack-lock.ts';
import { createSupervisor, type Part } from './supervisor.ts';
import { waitForPort } from './wait-for-port.ts';

const DATA_FOLDER = '.data';
/** Parts of a stack that was killed end by themselves within this time. */
const LEFTOVER_WAIT_MS = 15_000;
const NAME_WIDTH = 12;

const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const say = (name: string, text: string) => {
  process.stdout.write(`${name.padEnd(NAME_WIDTH)} | ${renderLogLine(text, { isColoured })}\n`);
};

runMain(async () => {
  const config = loadConfig();
  const lock = config.DATABASE_URL ? undefined : lockFolder(DATA_FOLDER);
  let stack: Awaited<ReturnType<typeof startStack>> | undefined;
  try {
    await waitForPorts(config, lock);
    stack = await startStack(config);
  } finally {
    if (!stack) lock?.release();
  }
  await stack.ended;
  lock?.release();
  process.exit(stack.exitCode());
});

async function waitForPorts(config: Config, lock: StackLock | undefined): Promise<void> {
  const waitMs = lock?.wasLeftBehind ? LEFTOVER_WAIT_MS : 0;
  const ports = [
    { host: config.API_HOST, port: config.API_PORT, setting: 'API_PORT' },
    { host: config.GATEWAY_MOCK_HOST, port: config.GATEWAY_MOCK_PORT, setting: 'GATEWAY_MOCK_PORT' },
    { host: config.WORKER_METRICS_HOST, port: config.WORKER_METRICS_PORT, setting: 'WORKER_METRICS_PORT' },
  ];
  for (const port of ports) await waitForPort({ ...port, waitMs });
}

async function startStack(config: Config) {
  const postgres = config.DATABASE_URL
    ? undefined
    : await keepPostgres({
        dataFolder: path.join(DATA_FOLDER, 'postgres'),
        say: (line) => say('postgres', line),
      });
  const databaseUrl = config.DATABASE_URL ?? (postgres?.databaseUrl as string);
  let exitCode = 0;
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let stopping: Promise<void> | undefined;

  const supervisor = createSupervisor({
    parts: listParts(config, databaseUrl),
    onLine: say,
    onStartFailure: (name) => {
      say('tollgate', `${name} did not start; see its last line. Everything is stopped.`);
      exitCode = 1;
      void stop();
    },
  });

  function stop(): Promise<void> {
    stopping ??= (async () => {
      await supervisor.stop();
      await postgres?.stop();
      end();
    })();
    return stopping;
  }

  function onSignal(): void {
    if (stopping) {
      say('tollgate', 'Stopping at once.');
      supervisor.kill();
      void Promise.resolve(postgres?.stop('immediate')).finally(() => process.exit(1));
      return;
    }
    say('tollgate', 'Stopping: payments at the gateway are finished first. Once more to stop at once.');
    void stop();
  }
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);

  try {
    await connectOrExplain(databaseUrl, (line) => say('tollgate', line));
    const migrations = await migrateToLatest(databaseUrl);
    for (const name of migrations) say('migrate', `ran ${name}`);
    if (!stopping) await supervisor.start();
    if (!stopping)
      process.stdout.write(renderBanner(config, { databaseUrl, isEmbedded: postgres !== undefined }));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ended, exitCode: () => exitCode };
}

function listParts(config: Config, databaseUrl: string): Part[] {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const script = (name: string) => path.join(import.meta.dirname, '..', name, 'main.ts');
  const url = (host: string, port: number, rest: string) =>
    `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}${rest}`;
  return [
    {
      name: 'gateway-mock',
      script: script('gateway-mock'),
      env,
      readyUrl: url(config.GATEWAY_MOCK_HOST, config.GATEWAY_MOCK_PORT, '/mock-gateway/health'),
    },
    {
      name: 'api',
      script: script('api'),
      env,
      readyUrl: url(config.API_HOST, config.API_PORT, '/api/v1/health/ready'),
    },
    {
      name: 'worker',
      script: script('worker'),
      env,
      readyUrl: url(config.WORKER_METRICS_HOST, config.WORKER_METRICS_PORT, '/health/ready'),
    },
  ];
}

import path from 'node:path';
import { CALLBACK_SECRET, LYING_GATEWAY } from './settings.ts';
import { type RunningProcess, startTollgateProcess } from './tollgate-process.ts';

const START_DEADLINE_MS = 30_000;

/** The stand-in gateway. It is stalled and told to be down, but never killed: its book is in its memory. */
export interface Gateway {
  readonly url: string;
  behave(changes: object): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

/** @throws when it does not start. */
export async function startGateway({
  seed,
  folder,
  callbackUrl,
}: {
  readonly seed: number;
  readonly folder: string;
  readonly callbackUrl: string;
}): Promise<Gateway> {
  let started: RunningProcess | undefined;
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the gateway did not start')), START_DEADLINE_MS);
    started = startTollgateProcess({
      role: 'gateway-mock',
      folder,
      logFile: path.join(folder, 'gateway.log'),
      settings: {
        GATEWAY_MOCK_PORT: '0',
        GATEWAY_MOCK_SEED: String(seed),
        GATEWAY_MOCK_CALLBACK_URL: callbackUrl,
        GATEWAY_MOCK_CALLBACK_DELAY_SECONDS: '0.3',
        GATEWAY_MOCK_CALLBACK_DUPLICATE_RATE: '0.2',
        GATEWAY_MOCK_CALLBACK_REORDER_RATE: '0.1',
        GATEWAY_CALLBACK_SECRET: CALLBACK_SECRET,
      },
      onStarted(given) {
        clearTimeout(timer);
        resolve(given);
      },
      onFailpoint() {},
    });
  });
  const running = started as RunningProcess;
  const url = `http://127.0.0.1:${port}/mock-gateway`;

  async function behave(changes: object): Promise<void> {
    const response = await fetch(`${url}/behaviour`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(changes),
    });
    if (!response.ok)
      throw new Error(`the gateway did not take ${JSON.stringify(changes)}: ${await response.text()}`);
  }

  await behave(LYING_GATEWAY);
  return {
    url,
    behave,
    signal: (signal) => running.signal(signal),
    async stop() {
      running.signal('SIGKILL');
      await running.ended;
    },
  };
}

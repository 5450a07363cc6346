import path from 'node:path';
import { CALLBACK_SECRET, LYING_GATEWAY } from './settings.ts';
import { type RunningProcess, startTollgateProcess } from './tollgate-process.ts';

const START_DEADLINE_MS = 30_000;

/** The stand-in gateway. Its book is in a file, so it may be killed like everything else. */
export interface Gateway {
  readonly url: string;
  /** Changes how it behaves, also after a crash that it is getting over. */
  behave(changes: object): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Kills it with -9 and starts it again on the same port; resolves when it is back and behaves as before. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

interface GatewayOptions {
  readonly seed: number;
  readonly folder: string;
  readonly callbackUrl: string;
}

/** @throws when it does not start. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  let { process: running, port } = await launch(options, 0);
  const url = `http://127.0.0.1:${port}/mock-gateway`;
  let behaviour: object = {};
  /** One after the other: a change must not get lost in a crash. */
  let busy: Promise<unknown> = Promise.resolve();
  let isStopping = false;

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = busy.catch(() => {}).then(work);
    busy = done;
    return done;
  }

  async function behave(changes: object): Promise<void> {
    const response = await fetch(`${url}/behaviour`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(changes),
    });
    if (!response.ok)
      throw new Error(`the gateway did not take ${JSON.stringify(changes)}: ${await response.text()}`);
    behaviour = { ...behaviour, ...changes };
  }

  async function crash(): Promise<void> {
    running.signal('SIGKILL');
    await running.ended;
    if (isStopping) return;
    ({ process: running, port } = await launch(options, port));
    await behave(behaviour);
  }

  await behave(LYING_GATEWAY);
  return {
    url,
    behave: (changes) => inTurn(() => behave(changes)),
    signal: (signal) => running.signal(signal),
    crash: () => inTurn(crash),
    async stop() {
      isStopping = true;
      running.signal('SIGKILL');
      await busy.catch(() => {});
      running.signal('SIGKILL');
      await running.ended;
    },
  };
}

async function launch(
  { seed, folder, callbackUrl }: GatewayOptions,
  wantedPort: number,
): Promise<{ process: RunningProcess; port: number }> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the gateway did not start')), START_DEADLINE_MS);
    const started = startTollgateProcess({
      role: 'gateway-mock',
      folder,
      logFile: path.join(folder, 'gateway.log'),
      settings: {
        GATEWAY_MOCK_PORT: String(wantedPort),
        GATEWAY_MOCK_SEED: String(seed),
        GATEWAY_MOCK_BOOK_FILE: path.join(folder, 'gateway-book.jsonl'),
        GATEWAY_MOCK_CALLBACK_URL: callbackUrl,
        // Late enough that many payments are asked about before.
        GATEWAY_MOCK_CALLBACK_DELAY_SECONDS: '0.8',
        GATEWAY_MOCK_CALLBACK_DUPLICATE_RATE: '0.2',
        GATEWAY_MOCK_CALLBACK_REORDER_RATE: '0.15',
        GATEWAY_CALLBACK_SECRET: CALLBACK_SECRET,
      },
      onStarted(port) {
        clearTimeout(timer);
        resolve({ process: started, port });
      },
      onFailpoint() {},
    });
  });
}

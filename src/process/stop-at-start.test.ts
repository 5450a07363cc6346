import { startProcess } from '../../test/support/processes.ts';
import { createTestDatabase } from '../../test/support/test-database.ts';

/** Sends the process SIGTERM in the moment in which it writes that it has started. */
const STOPS_AT_ITS_FIRST_LINE = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const write = fs.writeSync;
  fs.writeSync = (...args) => {
    const written = write(...args);
    if (String(args[1]).includes('.started')) process.kill(process.pid, 'SIGTERM');
    return written;
  };
  syncBuiltinESMExports();
`)}`;

test.each(['api', 'worker', 'gateway-mock'] as const)(
  'a process that is asked to end as soon as it says that it has started ends in order: %s',
  async (name) => {
    const database = await createTestDatabase();
    const started = startProcess(name, {
      DATABASE_URL: database.databaseUrl,
      API_PORT: '0',
      GATEWAY_MOCK_PORT: '0',
      WORKER_METRICS_PORT: '0',
      PAYMENT_GATEWAY_URL: 'http://127.0.0.1:1',
      NODE_OPTIONS: `--import=${STOPS_AT_ITS_FIRST_LINE}`,
    });
    expect(await started.ended).toBe(0);
    expect(started.lines.at(-1)).toMatchObject({ event: 'process.stopped' });
    await database.close();
  },
);

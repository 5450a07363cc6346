import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from './support/monitoring-files.ts';

const run = promisify(execFile);
const NOWHERE = 'http://127.0.0.1:9';
/** What is in people's shells for other reasons. */
const SHELL = {
  NODE_ENV: 'production',
  NODE_USE_ENV_PROXY: '1',
  HTTP_PROXY: NOWHERE,
  http_proxy: NOWHERE,
  PGSSLMODE: 'require',
  PGHOST: 'db.invalid',
  PGOPTIONS: '-c default_transaction_read_only=on',
};

test('npm ci installs what the tests need, whatever NODE_ENV is', async () => {
  const { stdout } = await run('npm', ['config', 'get', 'omit'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  expect(stdout).not.toContain('dev');
});

test('npm test runs, whatever database and proxy the shell configures', async () => {
  const { stderr } = await run(
    'npm',
    ['test', '--', 'src/database/transactions/isolation.test.ts', 'src/http/http-server.test.ts'],
    {
      cwd: ROOT,
      env: { ...process.env, ...SHELL },
    },
  );
  expect(stderr).toMatch(/^Test Suites: 2 passed, 2 total$/m);
});

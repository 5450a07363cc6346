import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

test('an unknown host is reported after the first try, with what to do', async () => {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'migrate.ts')], {
    env: { PATH: process.env.PATH, DATABASE_URL: 'postgres://ana:hunter2@nowhere.invalid/tollgate' },
  });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    expect(line).toMatch(
      /^The database tollgate on nowhere\.invalid does not answer yet: .* \((ENOTFOUND|EAI_AGAIN)\)\. 6 tries left\.$/,
    );
  } finally {
    child.kill('SIGKILL');
  }
});

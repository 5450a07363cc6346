import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LocalStack, startLocalStack } from '../support/local-stack.ts';
import { ROOT } from '../support/monitoring-files.ts';

const SCRIPT = path.join(ROOT, 'examples', 'three-currencies.sh');
/** The line of the example that writes the rates, so that what it tells people to do is what is tried. */
const RATES = /^# +(echo '.*) > rates\.json$/m.exec(readFileSync(SCRIPT, 'utf8'))?.[1];

let folder: string;
let stack: LocalStack;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tollgate-example-'));
  const rates = [...(RATES ?? '').matchAll(/"(\w{3})":"([\d.]+)"/g)].map(([, code, rate]) => [code, rate]);
  const file = path.join(folder, 'rates.json');
  const as_of = new Date().toISOString();
  writeFileSync(file, JSON.stringify({ base: 'USD', as_of, rates: Object.fromEntries(rates) }));
  stack = await startLocalStack({
    ...{ RATES_SOURCE: 'file', RATES_FILE: file, RATES_CALENDAR: 'every_day' },
    ...{ GATEWAY_MOCK_ERROR_RATE: '0', GATEWAY_MOCK_TIMEOUT_RATE: '0' },
  });
});
afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the example with three currencies ends with the balances that its comments say, however often it is run', async () => {
  for (let run = 0; run < 2; run += 1) {
    const { code, output, errors } = await stack.run(`TOLLGATE_URL=${stack.api} sh ${SCRIPT}`);
    expect(errors).toBe('');
    expect(output.trim().split('\n')).toEqual([
      '200 USD are 29899 JPY, at 149.49875',
      expect.stringMatching(/^10000 JPY are 20\.33 KWD, at 0\.002033044925124/),
      'Ana has 600 USD',
      'Ana has 19899 JPY',
      'Ana has 20.33 KWD',
      'Ben has 180 USD',
    ]);
    expect(code).toBe(0);
  }
});

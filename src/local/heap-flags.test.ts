import { readFileSync } from 'node:fs';
import { HEAP_FLAGS } from './heap-flags.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe.each(['api', 'worker', 'gateway-mock'])('%s', (name) => {
  const command = ['node', ...HEAP_FLAGS, `src/${name}/main.ts`];

  test('is started by npm with the limits of its heap', () => {
    expect(JSON.parse(read('package.json')).scripts[name]).toBe(`exec ${command.join(' ')}`);
  });
});

import type { PartContext, PartResult } from './part.ts';
import { runParts } from './run-parts.ts';

const said: string[] = [];
// Parts of a test use nothing but `say`.
const context = { say: (line: string) => said.push(line) } as unknown as PartContext;

const finding = (figure: number) => async (): Promise<PartResult> => ({ figure });
const failing = (message: string) => async (): Promise<PartResult> => {
  throw new Error(message);
};

afterEach(() => {
  said.length = 0;
});

test('a part that fails is reported with its reason, tidied up after, and the parts after it are measured', async () => {
  let tidiedCount = 0;
  const report = await runParts({
    parts: [
      { name: 'accept', run: finding(1) },
      { name: 'snapshot', run: failing('load-held failed with Error: the connection was closed') },
      { name: 'memory', run: finding(2) },
    ],
    context,
    tidyAfterFailure: async () => {
      tidiedCount += 1;
    },
    isStopping: () => false,
  });
  expect(report).toEqual({
    parts: { accept: { figure: 1 }, memory: { figure: 2 } },
    failures: { snapshot: 'load-held failed with Error: the connection was closed' },
  });
  expect(tidiedCount).toBe(1);
  expect(said).toContain(
    'snapshot: FAILED after 0 s: load-held failed with Error: the connection was closed',
  );
});

test('a run that is stopped starts no other part', async () => {
  const later: string[] = [];
  const running = runParts({
    parts: [
      { name: 'accept', run: failing('api ended unexpectedly') },
      {
        name: 'drain',
        run: async () => {
          later.push('drain');
          return {};
        },
      },
    ],
    context,
    tidyAfterFailure: async () => {},
    isStopping: () => true,
  });
  await expect(running).rejects.toThrow('api ended unexpectedly');
  expect(later).toEqual([]);
});

import { connectOrExplain } from './connect-or-explain.ts';

test('a host that nobody knows is told after the first try, with what follows', async () => {
  const said: string[] = [];
  const abort = new AbortController();
  const waiting = connectOrExplain(
    'postgres://ana:hunter2@nowhere.invalid/tollgate',
    (line) => {
      said.push(line);
      abort.abort();
    },
    abort.signal,
  );
  await expect(waiting).rejects.toMatchObject({ name: 'StartError' });
  expect(said).toEqual([
    expect.stringMatching(
      /^The database tollgate on nowhere\.invalid does not answer yet: .* \((ENOTFOUND|EAI_AGAIN)\)\. It is tried 6 times more\.$/,
    ),
  ]);
});

import { setImmediate as turn } from 'node:timers/promises';
import { createEventFeed } from './event-feed.ts';
import { BEGINNING } from './feed-place.ts';

const MINUTES_MS = 600_000;
const signal = new AbortController().signal;

/** A database that answers looks and pages as it is told, one turn of the event loop later. */
function createFeed(answers: { look: () => object; read: (after: bigint) => readonly object[] }) {
  const asked: string[] = [];
  const query = async ({ name, values }: { name: string; values: readonly bigint[] }) => {
    asked.push(name);
    await turn();
    return { rows: name === 'events-look' ? [answers.look()] : answers.read(values[0] as bigint) };
  };
  const feed = createEventFeed({ pool: { query } as never, onError: () => {} });
  return { feed, readCount: () => asked.filter((name) => name === 'events-read').length };
}

const look = (serverRun: string) => ({ serverRun, lastId: 9n, oldestOpenXid: 8n, drawnXid: 7n });
const row = (changes: object) => ({
  lookedToId: 9n,
  lookedToNonce: 1,
  lookedCount: 1,
  isThere: true,
  droppedThrough: 0n,
  serverRun: 'b',
  id: null,
  ...changes,
});

test('where another server has taken over since the look, it looks again, and does not read again and again', async () => {
  let reads = 0;
  const { feed, readCount } = createFeed({
    look: () => look(reads === 0 ? 'a' : 'b'),
    read: () => {
      reads += 1;
      return [row({ id: 9n, nonce: 1 })];
    },
  });
  const query = { after: BEGINNING, limit: 10 };
  const page = await feed.read(query, { forMs: MINUTES_MS, signal });
  expect(page.events).toHaveLength(1);
  expect(readCount()).toBe(2);
  await feed.stop();
});

test('a reader who walks through many events of others ends when the feed stops', async () => {
  const { feed, readCount } = createFeed({
    look: () => look('b'),
    read: (after) => [row({ lookedToId: after + 1n, lookedCount: 5000 })],
  });
  const query = { after: BEGINNING, limit: 10, subject: 'payment:1' };
  const reading = feed.read(query, { forMs: MINUTES_MS, signal });
  while (readCount() < 5) await turn();
  await feed.stop();
  expect(await reading).toMatchObject({ events: [], hasMore: true });
});

test('readers who wait at the same place share what they read', async () => {
  let lastId = 9n;
  const { feed, readCount } = createFeed({
    look: () => ({ ...look('b'), lastId }),
    read: (after) =>
      after < lastId ? [row({ id: lastId, nonce: 1, lookedToId: lastId })] : [row({ lookedToId: null })],
  });
  const after = { id: 9n, nonce: 1 };
  const reading = Array.from({ length: 50 }, () =>
    feed.read({ after, limit: 10 }, { forMs: MINUTES_MS, signal }),
  );
  while (readCount() === 0) await turn();
  lastId = 10n;
  for (const page of await Promise.all(reading)) expect(page.events.map(({ id }) => id)).toEqual([10n]);
  expect(readCount()).toBeLessThan(10);
  await feed.stop();
});

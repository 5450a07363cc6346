import { describeService } from '../../src/console/describe-service.ts';

const workers = (
  alive: number,
  breakers: Record<string, number> = { closed: alive },
  paused = false,
  further_breakers: Record<string, Record<string, number>> = {},
) => ({ workers: { alive, paused, breakers, further_breakers } });
const health = (changes: object = {}) => ({ database: 'ok' as const, standing_violations: 0, ...changes });
const say = (facts: Partial<Parameters<typeof describeService>[0]>) =>
  describeService({ health: health(), error: undefined, overview: workers(2), ...facts }).text;

test.each([
  [{}, 'Payments are accepted and sent to the gateway.'],
  [{ overview: workers(2, { closed: 2 }, true) }, 'Payments are accepted and wait: claiming is paused.'],
  [{ overview: workers(0, {}) }, 'Payments are accepted and wait: no worker is running.'],
  [
    { overview: workers(2, { open: 1, half_open: 1 }) },
    'Payments are accepted and wait: the gateway is failing, and workers have stopped calling it.',
  ],
  [
    { overview: workers(2, { open: 1, closed: 1 }) },
    'Payments are accepted and sent to the gateway, but 1 of 2 workers cannot reach it.',
  ],
  [
    { overview: workers(2, { closed: 2 }, false, { bank: { open: 2 }, yen: { closed: 2 } }) },
    'Payments are accepted and sent, but those for bank wait: this gateway is failing, and workers have stopped calling it.',
  ],
  [
    { overview: workers(2, { closed: 2 }, false, { bank: { closed: 1, open: 1 } }) },
    'Payments are accepted and sent to the gateway.',
  ],
  [{ overview: undefined }, 'Payments are accepted. Whether workers send them on is not known.'],
])('%j is summed up as: %s', (facts, text) => {
  expect(say(facts)).toBe(text);
});

test.each([
  ['a violation', { health: health({ standing_violations: 2 }) }, /refused.*2 open violations/],
  ['a database that is read-only', { health: health({ database: 'read_only' }) }, /refused.*read-only/],
  ['another database', { health: health({ database: 'other_server' }) }, /refused.*a different server/],
  ['a database that is away', { health: health({ database: 'unreachable' }) }, /refused or delayed/],
  [
    'an API that sheds load',
    { health: undefined, error: { code: 'overloaded' } },
    /Some payments are refused/,
  ],
  ['an API that is away', { health: undefined, error: { code: 'no-answer' } }, /not known whether/],
  ['a first question', { health: undefined }, /Asking/],
])('with %s nobody is told that payments are accepted, whatever workers do', (_what, facts, text) => {
  for (const overview of [workers(2), workers(0, {}), workers(2, { open: 2 }, true)]) {
    expect(say({ ...facts, overview })).toMatch(text);
    expect(say({ ...facts, overview })).not.toMatch(/^Payments are accepted/);
  }
});

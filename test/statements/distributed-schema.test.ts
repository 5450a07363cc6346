import { findUnportable } from './find-unportable.ts';
import { findTexts, readTexts } from './sql-texts.ts';

/** Statements that look at the server itself, of which there is one: they never run in a schema that is distributed. */
const ABOUT_THE_SERVER = [/^src\/cli\/doctor\//, /^src\/local\//];

describe('every statement also runs where its schema is distributed', () => {
  it('has columns, and nothing volatile where a row is updated or returned', () => {
    const texts = readTexts('src/**/*.sql.ts');
    expect(texts.length).toBeGreaterThan(300);
    const faults = texts
      .filter(({ file }) => !ABOUT_THE_SERVER.some((place) => place.test(file)))
      .flatMap(({ file, text }) => findUnportable(text).map((fault) => `${file}: ${fault}: ${text.trim()}`));
    expect(faults).toEqual([]);
  });

  it.each([
    ['a look for a row', 'selects no column', "'select from users where id = $1 for update'"],
    ['a look inside a condition', 'selects no column', '`select 1 where exists (\n  select from users)`'],
    ['rows that are counted', 'selects no column', '`select count(*) from (select from tasks limit 5) as t`'],
    [
      'a time in an upsert',
      'calls a volatile function in do update set',
      '`insert into w values ($1) on conflict (id) do update set state = excluded.state, seen_at = now()`',
    ],
    [
      'a time deeper in an upsert',
      'calls a volatile function in do update set',
      '`insert into w values ($1) on conflict (id) do update set at = greatest(w.at, (clock_timestamp()))`',
    ],
    [
      'a condition of an upsert',
      'calls a volatile function in do update set',
      '`insert into w values ($1) on conflict (id) do update set a = 1 where w.at < current_timestamp returning id`',
    ],
    [
      'an age that is returned',
      'calls a volatile function in returning',
      '`with w as (update tasks set a = 1 returning id, now() - run_at as age) select id from w`',
    ],
    [
      'an id that is returned',
      'calls a volatile function in returning',
      "`delete from t returning nextval('ids')`",
    ],
  ])('notices %s', (_what, fault, literal) => {
    const [sample] = findTexts('sample.sql.ts', `// naïve\nexport const statement = ${literal};\n`);
    expect(findUnportable(sample!.text)).toEqual([fault]);
  });

  it.each([
    'select 1 from users where id = $1',
    'update tasks set run_at = now() where id = $1 returning id',
    'with a as (insert into w values (now()) on conflict (id) do update set at = excluded.at) select now()',
    'with a as (delete from t returning id) select id, clock_timestamp() from a',
    'select count(distinct id) from users',
  ])('accepts %p', (statement) => {
    expect(findUnportable(statement)).toEqual([]);
  });
});

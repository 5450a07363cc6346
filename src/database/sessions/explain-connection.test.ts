import { explainConnection } from './explain-connection.ts';

const ADDRESS = 'postgres://ana:hunter2@db.example/tollgate';
const failure = (message: string, code?: string) => Object.assign(new Error(message), { code });
const explain = (error: unknown, environment = {}) => explainConnection(error, ADDRESS, environment);

test.each([
  [failure('getaddrinfo ENOTFOUND db.example', 'ENOTFOUND'), 'there is no host with that name (ENOTFOUND)'],
  [
    failure('getaddrinfo EAI_AGAIN db.example', 'EAI_AGAIN'),
    'its name cannot be resolved at the moment (EAI_AGAIN)',
  ],
  [
    failure('connect ECONNREFUSED 10.0.0.1:5432', 'ECONNREFUSED'),
    'nothing is listening there (ECONNREFUSED)',
  ],
  [
    new AggregateError([failure('connect ECONNREFUSED ::1:5432', 'ECONNREFUSED')]),
    'nothing is listening there (ECONNREFUSED)',
  ],
  [failure('Connection terminated unexpectedly'), 'Connection terminated unexpectedly'],
  [failure('cannot reach postgres://ana:hunter2@db.example'), 'cannot reach postgres://***@db.example'],
])('%s is explained in words, with the place and without the password', (error, reason) => {
  expect(explain(error)).toBe(
    `The database tollgate on db.example cannot be used: ${reason}. Check DATABASE_URL.`,
  );
});

test('a variable of libpq that may be the reason is named', () => {
  expect(
    explain(failure('The server does not support SSL connections'), {
      PGSSLMODE: 'require',
      PGPASSWORD: 'hunter2',
    }),
  ).toBe(
    'The database tollgate on db.example cannot be used: The server does not support SSL connections. Check DATABASE_URL, and PGPASSWORD and PGSSLMODE, which are set in the environment and also affect the connection.',
  );
});

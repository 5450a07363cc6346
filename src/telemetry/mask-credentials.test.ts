import fc from 'fast-check';
import { maskCredentials } from './mask-credentials.ts';

test.each([
  ['connect postgres://ana:s3cret@db:5432/x failed', 'connect postgres://***@db:5432/x failed'],
  ['postgres://u:p@ss@h/db', 'postgres://***@h/db'],
  ['postgres://u:p/w@h/db', 'postgres://***@h/db'],
  ['postgres://u:p?w@h/db', 'postgres://***@h/db'],
  ['postgres://u:p#w@h/db', 'postgres://***@h/db'],
  ['postgres://u:1/w@h/db', 'postgres://***@h/db'],
  ['postgres://u:p w@h/db is away', 'postgres://***@h/db is away'],
  ['https://key@gateway/pay', 'https://***@gateway/pay'],
  ['http://u:p@a,http://u:q@b', 'http://***@b'],
  ['http://u:p@a and http://u:q@b', 'http://***@a and http://***@b'],
  ['https://gateway.example/pay?api_key=abc&x=1#y', 'https://gateway.example/pay?api_key=***&x=1#y'],
  ['https://g/?a=1&access_token=abc', 'https://g/?a=1&access_token=***'],
  ['host=db password=s3cret user=ana', 'host=db password=*** user=ana'],
  ["password='s3 cret' user=ana", 'password=*** user=ana'],
])('of %s a log shows %s', (text, shown) => {
  expect(maskCredentials(text)).toBe(shown);
});

test.each([
  'nothing secret here, ana@example.com',
  'connect postgres://db:5432/tollgate failed',
  'http://localhost:8000/console, and http://[::1]:8000',
  'see (http://localhost:8000). ana@example.com knows',
])('leaves alone: %s', (text) => {
  expect(maskCredentials(text)).toBe(text);
});

test('no part of a password shows, whatever characters it has', () => {
  const password = fc
    .string({ minLength: 6, maxLength: 30, unit: fc.constantFrom(..."abcXYZ019@/:?#[]!$&'()*+,;=%~-._") })
    .map((middle) => `S3${middle}cr3t`);
  fc.assert(
    fc.property(password, fc.constantFrom('postgres', 'https', 'amqp+ssl'), (secret, scheme) => {
      const shown = maskCredentials(`cannot reach ${scheme}://ana:${secret}@host:1/db today`);
      expect(shown).toBe(`cannot reach ${scheme}://***@host:1/db today`);
    }),
  );
});

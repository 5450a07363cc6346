import { maskCredentials, serializeError } from './logging.ts';

test('a log never has the password of an address', () => {
  expect(maskCredentials('connect postgres://ana:s3cret@db:5432/x failed')).toBe(
    'connect postgres://***@db:5432/x failed',
  );
  const error = new Error('no route to postgres://ana:s3cret@db/x');
  expect(JSON.stringify(serializeError(error))).not.toContain('s3cret');
});

test('an error is logged by its name, code, message and stack, and nothing that hangs on it', () => {
  const error = Object.assign(new Error('refused'), {
    code: 'ECONNREFUSED',
    config: { headers: { authorization: 'Bearer x' } },
  });
  expect(Object.keys(serializeError(error)).sort()).toEqual(['code', 'message', 'name', 'stack']);
});

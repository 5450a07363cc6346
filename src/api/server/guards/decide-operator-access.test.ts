import { type Caller, decideOperatorAccess, decidePrincipal } from './decide-operator-access.ts';

/** A program on the machine of the API. */
const local: Caller = {
  remoteAddress: '127.0.0.1',
  host: '127.0.0.1:8000',
  origin: undefined,
  fetchSite: undefined,
  isForwarded: false,
  token: 'none',
};
const codeFor = (changes: Partial<Caller>, isTokenSet = false) =>
  decideOperatorAccess({ ...local, ...changes }, { isTokenSet, door: 'everybody', allowedHosts: [] })?.code;

describe('without a token', () => {
  test.each(['127.0.0.1', '127.9.8.7', '::1', '::ffff:127.0.0.1'])('%s is this machine', (remoteAddress) => {
    expect(codeFor({ remoteAddress })).toBeUndefined();
  });

  test.each(['10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', 'fe80::1', '', undefined])(
    '%s is another machine',
    (remoteAddress) => {
      expect(codeFor({ remoteAddress })).toBe('operator-loopback-only');
    },
  );

  test('no header makes another machine count as this one', () => {
    expect(codeFor({ remoteAddress: '10.0.0.1', host: 'localhost', origin: 'http://localhost' })).toBe(
      'operator-loopback-only',
    );
  });

  test('a request through a proxy on this machine counts as from another machine', () => {
    expect(codeFor({ isForwarded: true })).toBe('operator-loopback-only');
  });

  test.each(['localhost', 'LOCALHOST:8000', '127.0.0.1:8000', '[::1]:8000', '[::1]'])(
    'a browser may reach it as %s',
    (host) => {
      expect(codeFor({ host, origin: `http://${host}`, fetchSite: 'same-origin' })).toBeUndefined();
    },
  );

  test.each([
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '',
    undefined,
  ])('a name that points here from elsewhere is refused: %s', (host) => {
    expect(codeFor({ host, origin: `http://${host}`, fetchSite: 'same-origin' })).toBe('operator-cross-site');
  });

  test.each(['http://evil.example', 'http://127.0.0.1:3000', 'https://127.0.0.1:8000', 'null'])(
    'a page of %s may not send requests through a browser',
    (origin) => {
      expect(codeFor({ origin })).toBe('operator-cross-site');
    },
  );
});

test.each(['cross-site', 'same-site', 'anything'])(
  'a request that a browser calls %s is refused, with the token too',
  (fetchSite) => {
    expect(codeFor({ fetchSite })).toBe('operator-cross-site');
    expect(codeFor({ fetchSite, token: 'right' }, true)).toBe('operator-cross-site');
  },
);

test('with a token set, whoever has it is an operator, from anywhere and through a proxy', () => {
  const far = { remoteAddress: '10.0.0.1', host: 'pay.example', isForwarded: true, token: 'right' as const };
  expect(codeFor(far, true)).toBeUndefined();
});

test.each(['none', 'wrong'] as const)('with a token set, this machine needs it too: %s', (token) => {
  expect(codeFor({ token }, true)).toBe('operator-token-required');
});

test('where operators have a listener of their own, no token opens the one of clients', () => {
  const policy = { isTokenSet: true, door: 'clients', allowedHosts: [] } as const;
  expect(decideOperatorAccess({ ...local, token: 'right' }, policy)?.code).toBe('operator-port-only');
  expect(
    decideOperatorAccess({ ...local, token: 'right' }, { ...policy, door: 'operators' }),
  ).toBeUndefined();
});

describe('the principal of a request', () => {
  const policy = { isTokenSet: false, door: 'everybody', allowedHosts: [] } as const;

  test('is whoever is on this machine, where no token is set', () => {
    expect(decidePrincipal(local, policy)).toEqual({ kind: 'local' });
  });

  test('is an operator who has the token, without a name', () => {
    expect(decidePrincipal({ ...local, token: 'right' }, { ...policy, isTokenSet: true })).toEqual({
      kind: 'operator',
    });
  });

  test.each<[string, Partial<Caller>, boolean]>([
    ['another machine', { remoteAddress: '10.0.0.1' }, false],
    ['a proxy that speaks for somebody', { isForwarded: true }, false],
    ['a page of another site', { fetchSite: 'cross-site' }, false],
    ['this machine, where a token is set and was not sent', {}, true],
    ['a token that does not fit', { token: 'wrong' }, true],
    ['a page of another site that has the token', { fetchSite: 'cross-site', token: 'right' }, true],
  ])('is anonymous: %s', (_, changes, isTokenSet) => {
    expect(decidePrincipal({ ...local, ...changes }, { ...policy, isTokenSet })).toEqual({
      kind: 'anonymous',
    });
  });

  test('is anonymous on the port for clients, even with the token', () => {
    const atClients = { ...policy, isTokenSet: true, door: 'clients' } as const;
    expect(decidePrincipal({ ...local, token: 'right' }, atClients)).toEqual({ kind: 'anonymous' });
  });
});

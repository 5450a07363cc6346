import { type AddressInfo, createServer } from 'node:net';
import { describeListenProblem } from './listen-problem.ts';

/** What the system really says when somebody listens there. */
async function failToListen(host: string, port = 0): Promise<string> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(undefined));
  });
  server.close();
  if (!error) throw new Error(`${host}:${port} can be listened on`);
  return describeListenProblem(error, { host, port, portSetting: 'API_PORT' });
}

const failure = (code: string) => Object.assign(new Error('it failed'), { code });

test('a port that somebody uses is in use', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await failToListen('127.0.0.1', port)).toBe(
    `Port ${port} on 127.0.0.1 is in use. Stop the program that uses it, or set API_PORT to another port.`,
  );
  await new Promise((resolve) => server.close(resolve));
});

test('an address of another machine is not a port in use', async () => {
  expect(await failToListen('192.0.2.1')).toBe(
    '192.0.2.1 is not an address of this machine. Set API_HOST to one of its addresses, such as 127.0.0.1.',
  );
});

test('an unknown host name is reported as one', async () => {
  expect(await failToListen('nowhere.invalid')).toBe(
    'The host nowhere.invalid in API_HOST cannot be resolved (ENOTFOUND). Set API_HOST to an address of this machine, such as 127.0.0.1.',
  );
});

// What depends on rights, systems and limits is given as the system would say it.
test.each([
  ['EACCES', 'This user may not open port 80 on 127.0.0.1 (EACCES). Set API_PORT to a port above 1023.'],
  ['EPERM', 'This user may not open port 80 on 127.0.0.1 (EPERM). Set API_PORT to a port above 1023.'],
  [
    'EAFNOSUPPORT',
    'This machine has no addresses of the same kind as 127.0.0.1. Set API_HOST to one of its addresses.',
  ],
  [
    'EMFILE',
    'Port 80 on 127.0.0.1 cannot be opened: this process has reached its limit of open files (EMFILE).',
  ],
  ['EWHATEVER', 'Port 80 on 127.0.0.1 (API_HOST, API_PORT) cannot be listened on: it failed.'],
])('%s has a sentence of its own', (code, sentence) => {
  expect(describeListenProblem(failure(code), { host: '127.0.0.1', port: 80, portSetting: 'API_PORT' })).toBe(
    sentence,
  );
});

test('a high port that may not be opened is reported, with the advice to choose another', () => {
  const sentence = describeListenProblem(failure('EACCES'), {
    host: '::1',
    port: 8000,
    portSetting: 'API_PORT',
  });
  expect(sentence).toBe('This user may not open port 8000 on ::1 (EACCES). Set API_PORT to another port.');
});

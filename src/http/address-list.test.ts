import { parseConfig } from '../process/settings/config.ts';

const isProxy = (API_PROXIES: string, address: string) => parseConfig({ API_PROXIES }).api.isProxy(address);

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '::ffff:127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['10.0.0.0/8, 192.168.1.1', '10.200.0.1', true],
  ['10.0.0.0/8, 192.168.1.1', '192.168.1.1', true],
  ['10.0.0.0/8, 192.168.1.1', '11.0.0.1', false],
  ['fd00::/8', 'fd12::1', true],
  ['fd00::/8', '::1', false],
  ['fd00::/8', '', false],
  ['', '127.0.0.1', false],
])('among the proxies %s is %s: %s', (list, address, expected) => {
  expect(isProxy(list, address)).toBe(expected);
});

test.each(['localhost', '10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.1,', '*', '10.0.0.1 10.0.0.2'])(
  '%s is no list of addresses',
  (list) => {
    expect(() => isProxy(list, '10.0.0.1')).toThrow(
      /API_PROXIES: must be a comma-separated list of addresses or networks/,
    );
  },
);

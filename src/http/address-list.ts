import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** Whether an address is in a list of addresses and networks. */
export type AddressList = (address: string) => boolean;

const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** A setting with a comma-separated list of addresses and networks (`10.0.0.0/8`). */
export const addressList = z.string().transform((value, context): AddressList => {
  const list = new BlockList();
  if (value.split(',').every((entry) => add(list, entry.trim())))
    return (address) => {
      const version = isIP(address);
      return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
    };
  context.addIssue({
    code: 'custom',
    message: 'must be a comma-separated list of addresses or networks, for example 127.0.0.1,10.0.0.0/8',
  });
  return z.NEVER;
});

export const NO_ADDRESSES: AddressList = () => false;

function add(list: BlockList, entry: string): boolean {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  const bits = BITS[version];
  if (bits === undefined || Number(prefix ?? bits) > bits) return false;
  list.addSubnet(address, Number(prefix ?? bits), version === 6 ? 'ipv6' : 'ipv4');
  return true;
}

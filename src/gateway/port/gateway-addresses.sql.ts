import type { Queryable } from '../../database/database.ts';

/** The addresses at which gateways were called before, by name. */
export async function readAddresses(
  queryable: Queryable,
  gateways: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await queryable.query<{ gateway: string; address: string }>({
    name: 'gateway-read-addresses',
    text: 'select gateway, address from gateway_addresses where gateway = any ($1::text[])',
    values: [gateways],
  });
  return new Map(rows.map(({ gateway, address }) => [gateway, address]));
}

/**
 * Notes where a gateway is, unless it was noted elsewhere.
 * @param movedFrom the address that may be replaced.
 * @returns the address that is noted now.
 */
export async function noteAddress(
  queryable: Queryable,
  {
    gateway,
    address,
    movedFrom,
  }: { readonly gateway: string; readonly address: string; readonly movedFrom: string | null },
): Promise<string> {
  await queryable.query({
    name: 'gateway-note-address',
    text: `
      insert into gateway_addresses as known (gateway, address)
      values ($1, $2)
      on conflict (gateway) do update
      set address = excluded.address, noted_at = excluded.noted_at
      where known.address = $3 and known.address <> excluded.address`,
    values: [gateway, address, movedFrom],
  });
  const noted = await readAddresses(queryable, [gateway]);
  return noted.get(gateway) ?? address;
}

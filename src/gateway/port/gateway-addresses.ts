import type { Queryable } from '../../database/database.ts';
import { noteAddress, readAddresses } from './gateway-addresses.sql.ts';
import type { NamedGateway } from './gateways.ts';

/** A gateway whose name stood for another address before, and whose description does not say that it has moved. */
export interface Mistaken {
  readonly name: string;
  readonly before: string;
  readonly now: string;
}

type Named = Pick<NamedGateway, 'name' | 'gatewayName' | 'movedFrom' | 'config'>;

/**
 * Notes where gateways with a name are, and finds those whose name stood for another address before. Only who was asked before knows what
 * became of the payments that were sent, so these must not be called.
 * @throws a database error.
 */
export async function noteAddresses(queryable: Queryable, gateways: readonly Named[]): Promise<Mistaken[]> {
  const mistaken: Mistaken[] = [];
  for (const { name, gatewayName, movedFrom, config } of gateways) {
    if (gatewayName === null) continue;
    const address = addressOf(config.gateway.url);
    const before = await noteAddress(queryable, {
      gateway: name,
      address,
      movedFrom: movedFrom === null ? null : addressOf(movedFrom),
    });
    if (before !== address) mistaken.push({ name, before, now: address });
  }
  return mistaken;
}

/** The same without noting anything: what a worker would find. */
export async function findMistaken(queryable: Queryable, gateways: readonly Named[]): Promise<Mistaken[]> {
  const noted = await readAddresses(
    queryable,
    gateways.map(({ name }) => name),
  );
  return gateways.flatMap(({ name, movedFrom, config }) => {
    const before = noted.get(name);
    const now = addressOf(config.gateway.url);
    const isKnown = before === undefined || before === now;
    return isKnown || (movedFrom !== null && before === addressOf(movedFrom)) ? [] : [{ name, before, now }];
  });
}

/** What to do about it, for a person. */
export function adviseMistaken({ name, before, now }: Mistaken): string {
  return `${name} was at ${before} before, and is now to be at ${now}. If that is another gateway, describe it under a name of its own and leave ${name} as it was. If the same gateway has moved, add "moved_from": "${before}" to its description`;
}

/** Without user, password and query, which may be secret, and which change while the gateway stays the same. */
function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

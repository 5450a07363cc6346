import { ConfigError } from '../../process/settings/config.ts';
import type { NamedGateway } from './gateways.ts';

/**
 * The secret says who signed a callback, and with it, about whose payments it may speak. For processes that take callbacks.
 * @throws ConfigError if two gateways have one in common.
 */
export function requireOwnSecrets(gateways: readonly NamedGateway[]): void {
  const ownerOf = new Map<string, string>();
  for (const { name, config } of gateways) {
    for (const secret of config.gateway.callbackSecrets ?? []) {
      const owner = ownerOf.get(secret);
      if (owner !== undefined && owner !== name)
        throw new ConfigError(
          `GATEWAYS_FILE: ${name}.GATEWAY_CALLBACK_SECRET must differ from that of ${owner}: it says which of them signed a callback`,
        );
      ownerOf.set(secret, name);
    }
  }
}

import { createLookup, type Lookup } from '../commands/create-lookup.ts';
import type { Quote } from '../conversions/quotes/quote.ts';
import { readQuotes } from '../conversions/quotes/quotes.sql.ts';
import type { OrderName } from '../order-holds/order-hold.ts';
import { type HoldOfWallet, readOrderHolds } from '../order-holds/read-order-holds.sql.ts';
import { readWalletIdentities } from '../wallets/read-wallets.sql.ts';
import type { WalletIdentity } from '../wallets/wallet.ts';

/** What requests that move money name, found before their command is made. What may change of it is read by the command, under its locks. */
export interface Lookups {
  readonly wallets: Lookup<bigint, WalletIdentity>;
  /** By their tokens. */
  readonly quotes: Lookup<string, Quote>;
  readonly orderHolds: Lookup<OrderName, HoldOfWallet>;
}

export function createLookups(options: Parameters<typeof createLookup>[1]): Lookups {
  return {
    wallets: createLookup(readWalletIdentities, options),
    quotes: createLookup(readQuotes, options),
    orderHolds: createLookup(readOrderHolds, options),
  };
}

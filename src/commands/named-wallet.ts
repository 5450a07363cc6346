/** What never changes about a wallet that was named by its id. */
export interface NamedWallet {
  readonly walletId: bigint;
  /** Empty for the user's wallet without a name. */
  readonly name: string;
}

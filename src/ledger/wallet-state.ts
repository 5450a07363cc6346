/**
 * `open`: money goes in and out. `frozen`: nothing is taken out, but for what was promised before. `closed`: it is empty, and nothing goes in
 * or out.
 */
export const WALLET_STATES = ['open', 'frozen', 'closed'] as const;
export type WalletState = (typeof WALLET_STATES)[number];

/** `reopen` is nobody's wish: money came into a wallet that had been closed. */
export const WALLET_ACTIONS = ['freeze', 'unfreeze', 'close', 'reopen'] as const;
export type WalletAction = (typeof WALLET_ACTIONS)[number];

import { z } from 'zod';
import { setting } from './setting.ts';

export const walletSettings = {
  /** What a frozen wallet does with money that somebody wants to bring. */
  frozenCredits: setting(
    'WALLET_FROZEN_CREDITS',
    z.enum(['accept', 'refuse'], 'must be accept or refuse').default('accept'),
  ),
};

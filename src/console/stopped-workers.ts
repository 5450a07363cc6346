import type { Overview } from './answers.ts';

type Workers = Pick<Overview['workers'], 'breakers' | 'further_breakers'>;

/** How many workers have stopped calling a gateway; by default the one without a name. */
export function countStopped({ breakers, further_breakers: further }: Workers, gateway = 'default'): number {
  const states = gateway === 'default' ? breakers : further[gateway];
  return (states?.open ?? 0) + (states?.half_open ?? 0);
}

/** The gateways with a name that workers have stopped calling, and how many did. */
export function listStopped(workers: Workers): { readonly gateway: string; readonly stoppedCount: number }[] {
  return Object.keys(workers.further_breakers)
    .map((gateway) => ({ gateway, stoppedCount: countStopped(workers, gateway) }))
    .filter(({ stoppedCount }) => stoppedCount > 0);
}

import type { AskMode, PayMode } from '../payments-oracle.ts';
import type { ModesOf } from '../real-system.ts';
import { pick } from '../requests/model-request.ts';
import { type Command, command } from './command.ts';

/** How the gateway behaves, by payment, and what it says when it is asked. */
export interface Modes {
  readonly pay: readonly PayMode[];
  readonly ask: AskMode;
}
const modesOf =
  ({ pay: payModes, ask }: Modes): ModesOf =>
  (paymentId) => ({ pay: pick(payModes, paymentId), ask });

export function runWorker(modes: Modes, { isLateReported }: { readonly isLateReported: boolean }): Command {
  return command(`worker: ${modes.pay.join(', ')}; asked: ${modes.ask}`, async ({ oracle }, real) => {
    const late = await real.runWorker(modesOf(modes), { isLateReported });
    expect(late.filter((result) => result !== 'stale')).toEqual([]);
    for (const payment of oracle.ready()) oracle.attempt(payment, modesOf(modes)(payment.reference));
  });
}

export function loseWorkers(
  modes: Modes,
  { sends, count }: { readonly sends: boolean; readonly count: number },
): Command {
  const what = sends ? `after ${modes.pay.join(', ')}` : 'before it sends';
  return command(`${count} workers are lost ${what}`, async ({ oracle }, real) => {
    const tell = modesOf({ ...modes, ask: 'tell' });
    for (let lost = 0; lost < count; lost += 1) {
      await real.loseWorker(tell, { sends });
      for (const payment of oracle.ready())
        oracle.loseWorker(payment, { sent: sends ? tell(payment.reference).pay : null });
    }
  });
}

export const settleLate = () =>
  command('late results of lost workers', async (_model, real) => {
    expect((await real.settleLate()).filter((result) => result !== 'stale')).toEqual([]);
  });

export const askGateway = (ask: AskMode) =>
  command(`inquiries: ${ask}`, async ({ oracle }, real) => {
    await real.askGateway(() => ({ pay: 'succeed', ask }));
    for (const payment of oracle.payments.values())
      if (payment.status === 'unknown') oracle.inquire(payment, ask);
  });

export const checkLedger = () =>
  command('fold and check', async (_model, real) => {
    await real.fold();
    expect(await real.violations()).toEqual([]);
  });

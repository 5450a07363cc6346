import { pickUser } from '../requests/model-request.ts';
import { type Command, command, type Model } from './command.ts';

const hasUsers = ({ oracle }: Model) => oracle.users.size > 0;

/** The time of what a user has held is over; the sweep comes, or does not come yet. */
export const letHoldsRunOut = (user: number, { isSwept }: { readonly isSwept: boolean }): Command =>
  command(
    `holds run out${isSwept ? ', and are swept' : ''}`,
    async ({ oracle }, real) => {
      const userId = pickUser(oracle, user);
      await real.letHoldsRunOut(userId);
      oracle.letHoldsRunOut(userId);
      if (!isSwept) return;
      await real.sweepHolds();
      oracle.sweepHolds();
    },
    hasUsers,
  );

export const letQuotesRunOut = (user: number): Command =>
  command(
    'quotes run out',
    async ({ oracle }, real) => {
      const userId = pickUser(oracle, user);
      await real.letQuotesRunOut(userId);
      oracle.letQuotesRunOut(userId);
    },
    hasUsers,
  );

export const expireKeys = (): Command =>
  command('stored answers expire', async ({ oracle }, real) => {
    await real.expireKeys();
    oracle.expireKeys();
  });

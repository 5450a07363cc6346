import fc from 'fast-check';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { commandArbitraries } from './commands/all-commands.ts';
import type { Model } from './commands/command.ts';
import { compareInTheEnd, compareWithOracle } from './compare.ts';
import { CURRENCIES } from './currencies.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { type RealSystem, startRealSystem } from './real-system.ts';
import { userWith } from './requests/users.ts';
import { emptyState } from './state.ts';
import { createTally } from './tally.ts';

/** Histories that are played; MODEL_RUNS plays more, MODEL_SEED the same ones again. */
const RUNS = Number(process.env.MODEL_RUNS ?? 15);
const SEED = Number(process.env.MODEL_SEED ?? Math.trunc(Math.random() * 2 ** 31));
const MAX_COMMANDS = 70;
/** A service that refuses everything would agree with a model that expects it: so much of all requests must be accepted, and some of each kind that was asked for often. */
const LEAST_ACCEPTED = 0.4;

let database: TestDatabase;
let system: Awaited<ReturnType<typeof startRealSystem>>;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startRealSystem(database);
});
afterAll(async () => {
  await system.stop();
  await database.close();
});

test(`whatever happens, the service and a model of it agree (MODEL_SEED=${SEED})`, async () => {
  const tally = createTally();
  let runCount = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.commands(commandArbitraries, { maxCommands: MAX_COMMANDS, size: 'max' }),
      async (commands) => {
        runCount += 1;
        const runName = `run-${runCount}`;
        const frozenCredits = runCount % 2 === 0 ? 'refuse' : 'accept';
        const real = system.at(frozenCredits);
        const oracle = createOracle(emptyState({ frozenCredits }));
        const model: Model = { oracle, runName, sent: [], tally };
        let hasFailed = true;
        try {
          await openHouse(model.oracle, real, runName);
          await fc.asyncModelRun(() => ({ model, real }), commands);
          await endEverything(model.oracle, real);
          await compareWithOracle(model.oracle, real);
          await compareInTheEnd(model.oracle, real);
          expectOneSuccessForEachExecution(model.oracle, real);
          expect(await real.faults()).toEqual([]);
          hasFailed = false;
        } finally {
          await real.forgetOpenWork({ hasFailed });
        }
      },
    ),
    // Unbiased: the first histories would be too short for anything to come of what was begun.
    { numRuns: RUNS, seed: SEED, unbiased: true },
  );
  expect(tally.acceptedShare()).toBeGreaterThan(LEAST_ACCEPTED);
  expect(tally.neverAccepted()).toEqual([]);
}, 900_000);

/** A user who begins in each currency, and has a wallet in the next one, too: the third one is opened, or is missing. */
async function openHouse(oracle: Oracle, real: RealSystem, runName: string): Promise<void> {
  await real.endAllFees();
  for (const [index, currency] of CURRENCIES.entries()) {
    const user = userWith({ balance: 20_000n, currency, key: `${runName}-first-${currency}` });
    const answer = await user.send(real);
    user.judge(oracle, answer);
    const wallet = {
      userId: answer.json.id,
      currency: CURRENCIES[(index + 1) % CURRENCIES.length] as typeof currency,
    };
    await real.api.post(`/api/v1/users/${wallet.userId}/wallets`, { currency: wallet.currency });
    oracle.openWallet(wallet);
  }
}

/** Whatever is still open is carried out or asked about until nothing is. */
async function endEverything(oracle: Oracle, real: RealSystem): Promise<void> {
  const payments = () => [...oracle.payments.values()];
  while (payments().some(({ task, status }) => task !== null || status === 'unknown')) {
    await real.runWorker(() => ({ pay: 'succeed', ask: 'tell' }));
    for (const payment of oracle.ready()) oracle.attempt(payment, { pay: 'succeed', ask: 'tell' });
    await real.askGateway(() => ({ pay: 'succeed', ask: 'tell' }));
    for (const payment of payments()) if (payment.status === 'unknown') oracle.inquire(payment, 'tell');
  }
}

/** Each reference that was carried out is one success, whichever of its payments that is, and nothing else succeeded. */
function expectOneSuccessForEachExecution(oracle: Oracle, real: RealSystem): void {
  const payments = [...oracle.payments.values()];
  const succeeded = payments.filter(({ status }) => status === 'success').map(({ reference }) => reference);
  const references = [...new Set(payments.map(({ reference }) => reference))];
  expect(succeeded.sort()).toEqual(
    references.filter((reference) => real.book.get(reference) === 'executed').sort(),
  );
}

import fc from 'fast-check';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { commandArbitraries } from './commands.ts';
import { createOracle } from './oracle.ts';
import { type RealSystem, startRealSystem } from './real-system.ts';

/** Histories that are played; MODEL_RUNS plays more, MODEL_SEED the same ones again. */
const RUNS = Number(process.env.MODEL_RUNS ?? 25);
const SEED = Number(process.env.MODEL_SEED ?? Math.trunc(Math.random() * 2 ** 31));
const MAX_COMMANDS = 60;

let database: TestDatabase;
let real: RealSystem;

beforeAll(async () => {
  database = await createTestDatabase();
  real = await startRealSystem(database);
});
afterAll(async () => {
  await real.api.stop();
  await database.close();
});

test(`whatever happens, the service and a model of it agree (MODEL_SEED=${SEED})`, async () => {
  let runCount = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.commands(commandArbitraries, { maxCommands: MAX_COMMANDS, size: 'max' }),
      async (commands) => {
        runCount += 1;
        const oracle = createOracle();
        const balanceBefore = await real.gatewayBalance();
        try {
          await fc.asyncModelRun(() => ({ model: { oracle, runName: `run-${runCount}` }, real }), commands);

          // Whatever is still open is carried out or asked about until nothing is; then both books agree.
          const payments = () => [...oracle.payments.values()];
          while (payments().some(({ task, status }) => task !== null || status === 'unknown')) {
            await real.runWorker(() => ({ pay: 'succeed', ask: 'tell' }));
            for (const payment of oracle.ready()) oracle.attempt(payment, { pay: 'succeed', ask: 'tell' });
            await real.askGateway(() => ({ pay: 'succeed', ask: 'tell' }));
            for (const payment of payments())
              if (payment.status === 'unknown') oracle.inquire(payment, 'tell');
          }
          // Each reference that was carried out is one success, whichever of its payments that is, and nothing else succeeded.
          const executed = payments().filter(({ status }) => status === 'success');
          const references = new Set(payments().map(({ reference }) => reference));
          expect(executed.map(({ reference }) => reference).sort()).toEqual(
            [...references].filter((reference) => real.book.get(reference) === 'executed').sort(),
          );
          const net = executed.reduce(
            (sum, { type, amount }) => sum + (type === 'deposit' ? -amount : amount),
            0n,
          );
          expect((await real.gatewayBalance()) - balanceBefore).toBe(net);
          await real.fold();
          expect(await real.violations()).toEqual([]);
        } finally {
          await real.forgetOpenWork();
        }
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
}, 900_000);

import { checkLedger } from '../data/check-ledger.ts';
import { tidyUp } from '../data/databases.sql.ts';
import { TEMPLATE, USER_COUNT } from '../data/template.ts';
import type { CommandLoopOrder, CommandLoopReport, LoopedCommand } from '../load/command-loop.ts';
import { median, round } from '../report/statistics.ts';
import { interleave, type PartContext, type PartResult } from './part.ts';

const CONNECTION_COUNT = 64;
const ROUNDS = 3;
const SECONDS = 2;
const WARMUP_MS = 1000;

export interface ComparedCommand {
  readonly command: Exclude<LoopedCommand, 'deposit'>;
  /** Adds to a copy of the template what the command needs. */
  readonly prepare?: (databaseUrl: string) => Promise<void>;
  /** Called before each turn; returns what the load has to know. */
  readonly provide?: (databaseUrl: string) => Promise<Pick<CommandLoopOrder, 'quotes'>>;
  /** How many of these requests the database shows as done; its growth must equal what the load has counted. */
  readonly countDone: (databaseUrl: string) => Promise<number>;
}

/** How many requests of one kind are carried out in a second: by us and the usual way, in turns with deposits that we accept. */
export async function compareCommands(
  { server, children, options, say }: PartContext,
  { command, prepare, provide, countDone }: ComparedCommand,
): Promise<PartResult> {
  const databases = { ours: `${command}_ours`, usual: `${command}_usual` };
  const open = async (name: string) => {
    const databaseUrl = await server.createDatabase(name, { from: TEMPLATE });
    await prepare?.(databaseUrl);
    return databaseUrl;
  };
  const oursUrl = await open(databases.ours);
  const usualUrl = await open(databases.usual);
  const load = await children.start({ name: 'load', script: 'bench/load/main.ts' });
  const usual = await children.start({ name: 'usual-api', script: 'bench/peers/usual-api.ts' });
  await usual.ask({ kind: 'connect', databaseUrl: usualUrl, queue: 'table' });
  const ours = await children.start({
    name: 'api',
    script: 'src/api/main.ts',
    env: { DATABASE_URL: oursUrl, API_PORT: '0' },
  });

  const measure = async (what: LoopedCommand, port: number, databaseUrl: string) => {
    const provided = what === 'deposit' ? undefined : await provide?.(databaseUrl);
    await tidyUp(databaseUrl);
    const before = await countDone(databaseUrl);
    const order: CommandLoopOrder = {
      ...{
        kind: 'command-loop',
        command: what,
        port,
        userCount: USER_COUNT,
        connectionCount: CONNECTION_COUNT,
      },
      ...{ warmupMs: WARMUP_MS, windowMs: (options.seconds ?? SECONDS) * 1000, ...provided },
    };
    const report = await load.ask<CommandLoopReport>(order);
    const done = (await countDone(databaseUrl)) - before;
    const answered = what === 'deposit' ? 0 : report.acceptedCount;
    if (done !== answered) throw new Error(`${answered} requests were answered, ${done} carried out`);
    return report;
  };
  const samples = await interleave(
    [
      { name: 'ours', measure: () => measure(command, ours.port, oursUrl) },
      { name: 'deposits', measure: () => measure('deposit', ours.port, oursUrl) },
      { name: 'usual', measure: () => measure(command, usual.port, usualUrl) },
    ],
    {
      rounds: options.rounds ?? ROUNDS,
      onSample: (name, { perSecond, latency }) =>
        say(
          `${command} ${name}: ${Math.round(perSecond)}/s, p50 ${latency.p50_ms} ms, p99 ${latency.p99_ms} ms`,
        ),
    },
  );
  await children.stopAll();
  await checkLedger(oursUrl, 'ours');
  await checkLedger(usualUrl, 'the usual way');
  await server.dropDatabase(databases.ours);
  await server.dropDatabase(databases.usual);

  const middle = (name: string, value: (report: CommandLoopReport) => number) =>
    median((samples.get(name) ?? []).map(value));
  const rate = (name: string) =>
    round(
      middle(name, ({ perSecond }) => perSecond),
      0,
    );
  const [byUs, deposits, byUsual] = [rate('ours'), rate('deposits'), rate('usual')];
  return {
    connections: CONNECTION_COUNT,
    users: USER_COUNT,
    ours: byUs,
    deposits,
    usual: byUsual,
    ours_p99_ms: middle('ours', ({ latency }) => latency.p99_ms),
    usual_p99_ms: middle('usual', ({ latency }) => latency.p99_ms),
    ratio_usual: round(byUs / byUsual, 2),
    ratio_deposits: round(byUs / deposits, 2),
    figures: {
      ratio_usual: `${byUs}/s to ${byUsual}/s`,
      ratio_deposits: `${byUs}/s to ${deposits}/s`,
    },
    rounds: Object.fromEntries(
      [...samples].map(([name, reports]) => [name, reports.map(({ perSecond }) => round(perSecond, 0))]),
    ),
  };
}

import { checkLedger } from '../data/check-ledger.ts';
import { countPayments, tidyUp } from '../data/databases.sql.ts';
import { TEMPLATE, USER_COUNT } from '../data/template.ts';
import type { ClosedLoopOrder, ClosedLoopReport } from '../load/closed-loop.ts';
import { median, round } from '../report/statistics.ts';
import { interleave, type PartContext, type PartResult } from './part.ts';

const CONNECTION_COUNT = 64;
const ROUNDS = 3;
const SECONDS = 3;
const WARMUP_MS = 1000;

/** How many payments are accepted in a second, and how long a client waits: by us, by Express alone, and the usual way. */
export async function runAccept(context: PartContext): Promise<PartResult> {
  const { server, children, options, say } = context;
  const oursUrl = await server.createDatabase('accept_ours', { from: TEMPLATE });
  const usualUrl = await server.createDatabase('accept_usual', { from: TEMPLATE });
  const load = await children.start({ name: 'load', script: 'bench/load/main.ts' });
  const express = await children.start({ name: 'bare-express', script: 'bench/peers/bare-express.ts' });
  const usual = await children.start({ name: 'usual-api', script: 'bench/peers/usual-api.ts' });
  await usual.ask({ kind: 'connect', databaseUrl: usualUrl, queue: 'table' });
  const ours = await children.start({
    name: 'api',
    script: 'src/api/main.ts',
    env: { DATABASE_URL: oursUrl, API_PORT: '0' },
  });

  const measure = async (port: number, databaseUrl?: string): Promise<ClosedLoopReport> => {
    const before = databaseUrl ? await countPayments(databaseUrl) : undefined;
    if (databaseUrl) await tidyUp(databaseUrl);
    const order: ClosedLoopOrder = {
      kind: 'closed-loop',
      port,
      userCount: USER_COUNT,
      connectionCount: CONNECTION_COUNT,
      warmupMs: WARMUP_MS,
      windowMs: (options.seconds ?? SECONDS) * 1000,
    };
    const report = await load.ask<ClosedLoopReport>(order);
    if (databaseUrl && before) {
      const { total } = await countPayments(databaseUrl);
      if (total - before.total !== report.acceptedCount)
        throw new Error(`${report.acceptedCount} payments were answered, ${total - before.total} written`);
    }
    return report;
  };
  const samples = await interleave(
    [
      { name: 'ours', measure: () => measure(ours.port, oursUrl) },
      { name: 'express', measure: () => measure(express.port) },
      { name: 'usual', measure: () => measure(usual.port, usualUrl) },
    ],
    {
      rounds: options.rounds ?? ROUNDS,
      onSample: (name, { perSecond, latency }) =>
        say(`accept ${name}: ${Math.round(perSecond)}/s, p50 ${latency.p50_ms} ms, p99 ${latency.p99_ms} ms`),
    },
  );
  await children.stopAll();
  await checkLedger(oursUrl, 'ours');
  await checkLedger(usualUrl, 'the usual way');
  await server.dropDatabase('accept_ours');
  await server.dropDatabase('accept_usual');

  const middle = (name: string, value: (report: ClosedLoopReport) => number) =>
    median((samples.get(name) ?? []).map(value));
  const describe = (name: string) => ({
    per_second: round(
      middle(name, ({ perSecond }) => perSecond),
      0,
    ),
    p50_ms: middle(name, ({ latency }) => latency.p50_ms),
    p99_ms: middle(name, ({ latency }) => latency.p99_ms),
    deposit_p99_ms: middle(name, ({ latencyByType }) => latencyByType.deposit.p99_ms),
    withdraw_p99_ms: middle(name, ({ latencyByType }) => latencyByType.withdraw.p99_ms),
  });
  const [byUs, byExpress, byUsual] = [describe('ours'), describe('express'), describe('usual')];
  return {
    connections: CONNECTION_COUNT,
    users: USER_COUNT,
    ours: byUs.per_second,
    express: byExpress.per_second,
    usual: byUsual.per_second,
    ratio_express: round(byUs.per_second / byExpress.per_second, 2),
    ratio_usual: round(byUs.per_second / byUsual.per_second, 2),
    ratio_p99_usual: round(byUs.p99_ms / byUsual.p99_ms, 2),
    figures: {
      ratio_express: `${byUs.per_second}/s to ${byExpress.per_second}/s`,
      ratio_usual: `${byUs.per_second}/s to ${byUsual.per_second}/s`,
      ratio_p99_usual: `${byUs.p99_ms} ms to ${byUsual.p99_ms} ms`,
    },
    details: { ours: byUs, express: byExpress, usual: byUsual },
    rounds: Object.fromEntries(
      [...samples].map(([name, reports]) => [name, reports.map(({ perSecond }) => round(perSecond, 0))]),
    ),
  };
}

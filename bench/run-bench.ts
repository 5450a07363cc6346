import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../src/process/settings/load-config.ts';
import type { StatementCost } from './data/statement-statistics.sql.ts';
import { createTemplate, TEMPLATE } from './data/template.ts';
import { type BenchServer, startBenchServer } from './harness/bench-server.ts';
import { type Children, createChildren } from './harness/children.ts';
import { describeMachine } from './harness/machine.ts';
import type { BenchOptions, PartName } from './harness/read-options.ts';
import { runAccept } from './parts/accept.ts';
import { runConvert } from './parts/convert.ts';
import { runDrain } from './parts/drain.ts';
import { runE2e } from './parts/e2e.ts';
import { runGrowth } from './parts/growth.ts';
import { runHold } from './parts/hold.ts';
import { runHot } from './parts/hot.ts';
import { runLatency } from './parts/latency.ts';
import { runMemory } from './parts/memory.ts';
import type { Part } from './parts/part.ts';
import { runParts } from './parts/run-parts.ts';
import { runSize } from './parts/size.ts';
import { runSnapshot } from './parts/snapshot.ts';
import type { Results } from './report/results.ts';

const PARTS: Readonly<Record<PartName, Part>> = {
  accept: runAccept,
  drain: runDrain,
  e2e: runE2e,
  latency: runLatency,
  hot: runHot,
  hold: runHold,
  convert: runConvert,
  growth: runGrowth,
  snapshot: runSnapshot,
  memory: runMemory,
  size: runSize,
};

/** Open these in the developer tools of a browser. */
const PROFILES = path.resolve(import.meta.dirname, 'results', 'profiles');

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

/**
 * Runs the parts one after the other, on a server and in processes of the bench's own; whatever was started is stopped again,
 * also after an error and after Ctrl-C. A part whose figures are not sound (an answer that is no acceptance, a count that does not
 * agree, a ledger that does not add up) is reported among the failures. A target that is missed is not an error.
 * @throws when there is nothing to measure on: no server, no template.
 */
export async function runBench(options: BenchOptions, command: string): Promise<Results> {
  const startedAt = new Date();
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-bench-'));
  // Root runs Postgres as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const notices: Record<string, string[]> = {};
  const children = createChildren(folder, {
    profileFolder: options.hasProfile ? PROFILES : undefined,
    onNotice(name, notice) {
      say(`${name}: ${notice}`);
      notices[name] = [...(notices[name] ?? []), notice];
    },
  });
  let server: BenchServer | undefined;
  let cleaning: Promise<void> | undefined;
  const stopEverything = async () => {
    await children.stopAll();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  /** A signal may come while an error is being cleaned up after, and the other way round. */
  const cleanUp = () => {
    cleaning ??= stopEverything();
    return cleaning;
  };
  const { isStopping } = stopOnSignals(cleanUp);
  try {
    server = await startBenchServer({
      databaseUrl: loadConfig().database.url,
      folder,
      onProfile: options.hasProfile ? sayStatements : undefined,
    });
    const machine = describeMachine();
    say(`${machine.cpu}, ${machine.core_count} cores, ${machine.memory_gib} GiB, Node ${machine.node}`);
    say(`PostgreSQL ${server.facts.version} ${JSON.stringify(server.facts.settings)}`);
    await createTemplate(server);
    const { parts, failures } = await runParts({
      parts: options.parts.map((name) => ({ name, run: PARTS[name] })),
      context: { server, children, options, endToEnd: {}, say },
      tidyAfterFailure: () => tidyUp({ server, children }),
      isStopping,
    });
    return {
      date: startedAt.toISOString(),
      command,
      machine,
      postgres: server.facts,
      duration_seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
      parts,
      failures,
      notices,
    };
  } finally {
    await cleanUp();
  }
}

async function tidyUp({
  server,
  children,
}: {
  readonly server: BenchServer | undefined;
  readonly children: Children;
}): Promise<void> {
  await children.stopAll();
  await server?.dropAllBut(TEMPLATE);
}

function sayStatements(database: string, statements: readonly StatementCost[]): void {
  say(`Statements in ${database}, by their total time:`);
  for (const { callCount, totalMs, meanMs, rowCount, text } of statements) {
    const figures = [`${Math.round(totalMs)} ms`, `${callCount} calls`, `${meanMs.toFixed(3)} ms each`];
    say(`  ${[...figures, `${rowCount} rows`].join(', ')}: ${text}`);
  }
}

/** npm passes on a Ctrl-C that the terminal has already sent: the same press may arrive twice. */
function stopOnSignals(cleanUp: () => Promise<void>): { isStopping(): boolean } {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      say(`Stopping on ${signal}.`);
      void cleanUp().finally(() => process.exit(1));
    });
  }
  return { isStopping: () => isStopping };
}

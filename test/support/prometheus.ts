import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { readComposeServices } from './compose-file.ts';
import { findFreePort } from './free-port.ts';
import { OPS } from './monitoring-files.ts';
import { waitUntil } from './wait-until.ts';

/** One line of a result: its labels, and times (in seconds) with values. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [timeSeconds: number, value: number])[];
}

export interface PrometheusRule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** Prometheus and promtool, where they are installed (Debian: apt-get install prometheus). */
export function findPrometheus(): { readonly prometheus: string; readonly promtool: string } | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const find = (name: string) => folders.map((folder) => path.join(folder, name)).find(existsSync);
  const prometheus = find('prometheus');
  const promtool = find('promtool');
  return prometheus && promtool ? { prometheus, promtool } : undefined;
}

function requirePrometheus() {
  const found = findPrometheus();
  if (!found) throw new Error('Prometheus is not installed (Debian: apt-get install prometheus)');
  return found;
}

/**
 * Runs promtool.
 * @returns what it printed.
 * @throws when it found something, with what it printed.
 */
export function runPromtool(args: readonly string[], input?: string): string {
  const { promtool } = requirePrometheus();
  const { status, stdout, stderr } = spawnSync(promtool, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout + stderr;
}

/**
 * Starts a real Prometheus with the command that docker-compose.yml gives it and the configuration of
 * ops/prometheus, except for what must differ here: where it listens and keeps its data, whom it scrapes, and how often.
 */
export async function startPrometheus(targets: Readonly<Record<string, readonly string[]>>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-prometheus-'));
  const port = await findFreePort();
  const configFile = path.join(folder, 'prometheus.yml');
  writeFileSync(configFile, stringify(adaptConfig(targets, port)));

  const flags = (readComposeServices().prometheus?.command ?? []).map((flag) =>
    flag
      .replace('/etc/prometheus/prometheus.yml', configFile)
      .replace('=/prometheus', `=${path.join(folder, 'data')}`)
      .replace('localhost:9090', `127.0.0.1:${port}`),
  );
  const child = spawn(requirePrometheus().prometheus, [...flags, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-10_000);
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const origin = `http://127.0.0.1:${port}`;

  async function ask(route: string, parameters: Record<string, string> = {}) {
    const response = await fetch(`${origin}${route}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    });
    const answer = (await response.json()) as {
      status: string;
      error?: string;
      data: { result: RawSeries[] };
    };
    if (answer.status !== 'success') throw new Error(`${parameters.query}: ${answer.error}`);
    return answer.data.result.map(toSeries);
  }

  await waitUntil(
    'a Prometheus that is ready',
    async () => {
      if (child.exitCode !== null) throw new Error(`Prometheus ended: ${log}`);
      return await fetch(`${origin}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    },
    { deadlineMs: 90_000, pauseMs: 100 },
  );

  return {
    /** @throws when the expression is wrong. */
    query: (query: string): Promise<Series[]> => ask('/api/v1/query', { query }),
    queryRange(
      query: string,
      range: { readonly startSeconds: number; readonly endSeconds: number; readonly stepSeconds: number },
    ): Promise<Series[]> {
      const { startSeconds, endSeconds, stepSeconds } = range;
      return ask('/api/v1/query_range', {
        query,
        start: String(startSeconds),
        end: String(endSeconds),
        step: String(stepSeconds),
      });
    },
    async rules(): Promise<PrometheusRule[]> {
      const answer = (await (await fetch(`${origin}/api/v1/rules`)).json()) as {
        data: { groups: { rules: PrometheusRule[] }[] };
      };
      return answer.data.groups.flatMap(({ rules }) => rules);
    },
    async stop(): Promise<void> {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type StartedPrometheus = Awaited<ReturnType<typeof startPrometheus>>;

interface RawSeries {
  readonly metric: Record<string, string>;
  readonly value?: [number, string];
  readonly values?: [number, string][];
}

function toSeries({ metric, value, values = value ? [value] : [] }: RawSeries): Series {
  return { metric, points: values.map(([timeSeconds, text]) => [timeSeconds, Number(text)] as const) };
}

function adaptConfig(targets: Readonly<Record<string, readonly string[]>>, port: number) {
  const config = parse(readFileSync(path.join(OPS, 'prometheus', 'prometheus.yml'), 'utf8'));
  return {
    ...config,
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: config.rule_files.map((pattern: string) => path.join(OPS, 'prometheus', pattern)),
    scrape_configs: config.scrape_configs.map(({ job_name }: { job_name: string }) => ({
      job_name,
      static_configs: [{ targets: targets[job_name] ?? [`127.0.0.1:${port}`] }],
    })),
  };
}

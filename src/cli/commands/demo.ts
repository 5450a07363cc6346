import { Command } from 'commander';
import { addressOf } from '../../local/stack-addresses.ts';
import type { CommandContext } from '../command-context.ts';
import { type DemoTally, runDemo } from '../demo/run-demo.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { interruptible } from '../interruptible.ts';
import { loadSettings } from '../load-settings.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import { parseCount, parseNumber } from '../options/parse-arguments.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { UsageError } from '../usage-error.ts';

interface DemoCommandOptions extends OutputOptions {
  readonly rate: number;
  readonly seconds?: number;
  readonly users: number;
  readonly url?: string;
}

export function demoCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('demo')
    .description('send a steady trickle of mixed payments to the running API, until Ctrl-C')
    .option('--rate <n>', 'requests per second', parseNumber({ least: 0.1, most: 1000 }), 10)
    .option('--seconds <n>', 'stop after this many seconds', parseNumber({ least: 0.1, most: 86_400 }))
    .option('--users <n>', 'how many users to create', parseCount({ least: 1, most: 1000 }), 10)
    .option('--url <url>', 'the URL of the API, if it is not at API_HOST and API_PORT')
    .action((options: DemoCommandOptions) => end(demo(terminal, options)));
  return withExamples(withJson(command), [
    ['demo', 'ten requests per second'],
    ['demo --rate 50 --seconds 60', 'a higher rate, for one minute'],
  ]);
}

async function demo(
  terminal: Terminal,
  { rate, seconds, users, url, json }: DemoCommandOptions,
): Promise<ExitCode> {
  const apiUrl = chooseUrl(url);
  const startedAt = performance.now();
  if (!json) terminal.print(`Sending about ${rate} requests per second to ${apiUrl}. Press Ctrl-C to stop.`);
  const tally = await interruptible((signal) =>
    runDemo({
      apiUrl,
      perSecond: rate,
      durationMs: seconds === undefined ? undefined : seconds * 1000,
      userCount: users,
      signal,
      onProgress: createTeller(terminal),
    }),
  );
  const took = (performance.now() - startedAt) / 1000;
  terminal.print(json ? renderJson(tally) : `${describe(tally)} in ${took.toFixed(1)} s.`);
  return tally.failed > 0 && tally.accepted === 0 ? EXIT.failed : EXIT.done;
}

/** A line every ten seconds is enough to show progress. */
function createTeller(terminal: Terminal): (tally: DemoTally) => void {
  let calls = 0;
  return (tally) => {
    calls += 1;
    if (calls % 10 === 0) terminal.complain(describe(tally));
  };
}

function chooseUrl(url: string | undefined): string {
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new UsageError('--url must be a URL that begins with http:// or https://');
    return url.replace(/\/+$/, '');
  }
  const { api } = loadSettings();
  return addressOf(api.host, api.port);
}

function describe({ sent, accepted, replayed, refused, failed }: DemoTally): string {
  return `${sent} sent: ${accepted} accepted, ${replayed} replayed, ${refused} refused, ${failed} without success`;
}

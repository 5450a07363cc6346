import { runMain } from '../process/lifecycle.ts';
import { loadConfig } from '../process/settings/load-config.ts';
import { renderLogLine } from './log-lines.ts';
import { createStack } from './stack.ts';
import { lockFolder } from './stack-lock.ts';
import { waitForPorts } from './wait-for-port.ts';

const DATA_FOLDER = '.data';
/** The parts of a killed stack end by themselves within this time. */
const LEFTOVER_WAIT_MS = 15_000;
/** npm forwards a Ctrl-C that the terminal has already sent to every process, so one press arrives twice. */
const SAME_PRESS_MS = 500;
const NAME_WIDTH = 12;

const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const say = (name: string, text: string) => {
  process.stdout.write(`${name.padEnd(NAME_WIDTH)} | ${renderLogLine(text, { isColoured })}\n`);
};

runMain(async () => {
  const config = loadConfig();
  const lock = config.database.url ? undefined : lockFolder(DATA_FOLDER);
  process.once('exit', () => lock?.release());
  const stack = createStack({ config, dataFolder: DATA_FOLDER, onLine: say });

  let stoppingSince: number | undefined;
  const onSignal = () => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < SAME_PRESS_MS) return;
      say('tollgate', 'Stopping at once.');
      void stack.kill().finally(() => process.exit(1));
      return;
    }
    stoppingSince = performance.now();
    say(
      'tollgate',
      'Stopping after the calls in progress at the gateway. Press Ctrl-C again to stop at once.',
    );
    void stack.stop().finally(() => process.exit(0));
  };
  // Install the handlers before anything is started: a signal that ended only this process would leave the rest running.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

  await waitForPorts(config, { waitMs: lock?.wasLeftBehind ? LEFTOVER_WAIT_MS : 0 });
  if (stoppingSince !== undefined) return;
  const banner = await stack.start();
  if (banner) process.stdout.write(banner);
});

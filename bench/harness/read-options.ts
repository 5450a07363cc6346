import { StartError } from '../../src/process/lifecycle.ts';
import { parseOnce } from '../../test/support/parse-once.ts';

export const PART_NAMES = [
  'accept',
  'drain',
  'e2e',
  'latency',
  'hot',
  'hold',
  'convert',
  'growth',
  'snapshot',
  'memory',
  'size',
] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface BenchOptions {
  /** The parts to run, in their usual order. */
  readonly parts: readonly PartName[];
  /** How long one measurement takes; each part has its own default. */
  readonly seconds: number | undefined;
  /** How often each contender has its turn; each part has its own default. */
  readonly rounds: number | undefined;
  /** Also says where the time goes: statements of the database, and CPU profiles of the processes. */
  readonly hasProfile: boolean;
  /** Only puts the table of the last run into the README. */
  readonly onlyReadme: boolean;
}

/**
 * Reads the command line: `--only accept,drain --seconds 5 --rounds 3 --profile --readme`.
 * @throws StartError with one sentence that names the option and what it takes.
 */
export function readOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  return {
    parts: values.only === undefined ? PART_NAMES : readParts(values.only),
    seconds: readNumber('--seconds', values.seconds, { max: 600 }),
    rounds: readNumber('--rounds', values.rounds, { max: 100 }),
    hasProfile: values.profile ?? false,
    onlyReadme: values.readme ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseOnce(args, {
      only: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      profile: { type: 'boolean' },
      readme: { type: 'boolean' },
    });
  } catch (error) {
    throw new StartError(
      `${(error as Error).message} The options are --only NAME[,NAME], --seconds N, --rounds N, --profile and --readme.`,
    );
  }
}

function readParts(text: string): PartName[] {
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !PART_NAMES.includes(name as PartName));
  if (unknown !== undefined) {
    throw new StartError(`--only takes some of ${PART_NAMES.join(', ')}, not ${unknown || 'nothing'}.`);
  }
  return PART_NAMES.filter((name) => asked.includes(name));
}

function readNumber(
  name: string,
  text: string | undefined,
  { max }: { readonly max: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new StartError(`${name} takes a whole number from 1 to ${max}, not ${text}.`);
}

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { startLocalStack } from '../support/local-stack.ts';

/**
 * Fuzzes a running stack by the description that it serves of itself, with Schemathesis, for some two minutes. Where there is no
 * Python, or nowhere to install Schemathesis from, it says so and does nothing. CONTRACT_SEED sends the same requests again,
 * CONTRACT_SECONDS takes more or less time.
 */
const FOLDER = import.meta.dirname;
const PYTHON_FOLDER = path.resolve(FOLDER, '..', '..', '.venv-contract');
const PROGRAM = path.join(PYTHON_FOLDER, 'bin', 'schemathesis');
const REQUIREMENTS = path.join(FOLDER, 'requirements.txt');
const SECONDS = process.env.CONTRACT_SECONDS ?? '120';
const SEED = Number(process.env.CONTRACT_SEED ?? Math.trunc(Math.random() * 2 ** 31));
// How Schemathesis heads what it found against the API (an answer that never came is one, too), and an error of its own.
const FINDINGS = /^=+ FAILURES =+$|^Network Error$/m;
const OWN_ERRORS = /^Runtime Error$/m;

type Outcome = 'holds' | 'broken' | 'stumbled';

const WORDS: Record<Outcome, (seed: number) => string> = {
  holds: (seed) => `The contract holds (CONTRACT_SEED=${seed}).\n`,
  broken: (seed) =>
    `The contract is broken. The same requests again: CONTRACT_SEED=${seed} npm run fuzz:contract\n`,
  stumbled: (seed) =>
    `The fuzzer itself stumbled, twice; nothing is known of the contract (CONTRACT_SEED=${seed}).\n`,
};

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
  'fitting_requests_are_understood',
];

process.exitCode = await main();

async function main(): Promise<number> {
  const reason = install();
  if (reason) {
    process.stdout.write(`Skipped: the contract is not fuzzed, because ${reason}.\n`);
    return 0;
  }
  const stack = await startLocalStack({
    LOG_LEVEL: 'warn',
    GATEWAY_MOCK_TIMEOUT_RATE: '0',
    API_DEPOSIT_WAIT_SECONDS: '0.5',
    GATEWAY_CALLBACK_SECRET: 'a secret of the fuzzer',
  });
  try {
    await fill(stack.api);
    let seed = SEED;
    let outcome = await fuzz(stack.api, seed);
    if (outcome === 'stumbled') {
      seed += 1;
      process.stdout.write(
        `The fuzzer itself stumbled, and found nothing; once more with another seed (${seed}).\n`,
      );
      outcome = await fuzz(stack.api, seed);
    }
    process.stdout.write(WORDS[outcome](seed));
    return outcome === 'holds' ? 0 : 1;
  } finally {
    await stack.close();
  }
}

/** Gives why Schemathesis cannot be had, or undefined when it is there. */
function install(): string | undefined {
  const wanted = run('python3', ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))']);
  if (wanted.status !== 0) return 'there is no Python 3.10 with venv and pip here';
  if (!existsSync(path.join(PYTHON_FOLDER, 'bin', 'pip'))) {
    const made = run('python3', ['-m', 'venv', PYTHON_FOLDER]);
    if (made.status !== 0) return `no virtual environment can be made (${lastLine(made.stderr)})`;
  }
  const pip = path.join(PYTHON_FOLDER, 'bin', 'pip');
  const installed = run(pip, [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    REQUIREMENTS,
  ]);
  return installed.status === 0 ? undefined : `it cannot be installed (${lastLine(installed.stderr)})`;
}

function run(command: string, args: readonly string[]) {
  return spawnSync(command, args, { encoding: 'utf8', timeout: 180_000 });
}

function lastLine(text: string | null): string {
  return text?.trim().split('\n').at(-1)?.slice(0, 200) ?? 'no answer';
}

/** Something to read, and money to take. */
async function fill(api: string): Promise<void> {
  const post = (at: string, body: object) =>
    fetch(api + at, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  for (let count = 0; count < 3; count += 1) {
    await post('/api/v1/users', { balance: 1_000_000 });
    await post('/api/v1/payments/deposit', { user_id: count + 1, deposit: 200 });
    await post('/api/v1/payments/withdraw', { user_id: count + 1, amount: 50 });
    await post('/api/v1/payments/withdraw', { user_id: count + 1, amount: 99_000_000 });
  }
}

/**
 * Sends the requests of a seed. One worker, because Hypothesis sets the recursion limit of the whole process while it draws, and
 * a second thread then sees a value fail that succeeds when it is drawn again.
 */
function fuzz(api: string, seed: number): Promise<Outcome> {
  const child = spawn(
    PROGRAM,
    [
      `--config-file=${path.join(FOLDER, 'schemathesis.toml')}`,
      'run',
      `${api}/openapi.json`,
      `--checks=${CHECKS.join(',')}`,
      `--max-time=${SECONDS}`,
      `--seed=${seed}`,
      '--workers=1',
      '--phases=examples,coverage,fuzzing',
      '--warnings=off',
      '--no-color',
    ],
    {
      stdio: ['inherit', 'pipe', 'inherit'],
      env: { ...process.env, SCHEMATHESIS_HOOKS: path.join(FOLDER, 'hooks.py') },
      cwd: FOLDER,
    },
  );
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    process.stdout.write(text);
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(judge(code, printed)));
    child.once('error', () => resolve('broken'));
  });
}

function judge(code: number | null, printed: string): Outcome {
  if (code === 0) return 'holds';
  return OWN_ERRORS.test(printed) && !FINDINGS.test(printed) ? 'stumbled' : 'broken';
}

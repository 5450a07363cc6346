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
const SEED = process.env.CONTRACT_SEED ?? String(Math.trunc(Math.random() * 2 ** 31));

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
    GATEWAY_CALLBACK_SECRET: 'a secret of the fuzzer',
  });
  try {
    await fill(stack.api);
    const code = await fuzz(stack.api);
    process.stdout.write(
      code === 0
        ? `The contract holds (CONTRACT_SEED=${SEED}).\n`
        : `The contract is broken. The same requests again: CONTRACT_SEED=${SEED} npm run fuzz:contract\n`,
    );
    return code;
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

function fuzz(api: string): Promise<number> {
  const child = spawn(
    PROGRAM,
    [
      `--config-file=${path.join(FOLDER, 'schemathesis.toml')}`,
      'run',
      `${api}/openapi.json`,
      `--checks=${CHECKS.join(',')}`,
      `--max-time=${SECONDS}`,
      `--seed=${SEED}`,
      '--workers=2',
      '--phases=examples,coverage,fuzzing',
      '--warnings=off',
      '--no-color',
    ],
    {
      stdio: 'inherit',
      env: { ...process.env, SCHEMATHESIS_HOOKS: path.join(FOLDER, 'hooks.py') },
      cwd: FOLDER,
    },
  );
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(1));
  });
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../../src/process/lifecycle.ts';
import type { Machine } from '../harness/machine.ts';
import { judgeTargets } from './targets.ts';

/** The results of one run, as in `bench/results/latest.json`. */
export interface Results {
  /** ISO 8601, when the run began. */
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  readonly postgres: { readonly version: string; readonly settings: object };
  readonly duration_seconds: number;
  readonly parts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Why a part has no figures. */
  readonly failures?: Readonly<Record<string, string>>;
  /** What the processes reported besides their figures. */
  readonly notices?: Readonly<Record<string, readonly string[]>>;
}

const FILE = path.resolve(import.meta.dirname, '..', 'results', 'latest.json');

/** Writes the results with each target that was measured, and whether it was met. */
export function writeResults(results: Results): void {
  const targets = judgeTargets(results.parts).map(({ part, field, atLeast, atMost, value, isMet }) => ({
    part,
    field,
    at_least: atLeast,
    at_most: atMost,
    value,
    met: isMet,
  }));
  mkdirSync(path.dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ ...results, targets }, null, 2)}\n`);
}

/** @throws StartError when nothing was measured yet. */
export function readResults(): Results {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'));
  } catch (error) {
    throw new StartError('There are no results yet. Measure first: npm run bench', { cause: error });
  }
}

import type { Transaction } from '../database/database.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Violation } from './violation.ts';

/** One step of a part of the check: a short transaction that holds the checkpoint and reads a bounded number of rows. */
export interface Step {
  readonly transaction: Transaction;
  readonly checkpoint: Checkpoint;
  readonly rowLimit: number;
  /** How long it may take until new rows become visible. */
  readonly graceMs: number;
}

export interface StepResult {
  readonly rowCount: number;
  /** Whether the part has nothing more to do in this run. */
  readonly isDone: boolean;
  readonly violations: readonly Violation[];
}

export type Part = (step: Step) => Promise<StepResult>;

export const NOTHING_TO_DO: StepResult = { rowCount: 0, isDone: true, violations: [] };

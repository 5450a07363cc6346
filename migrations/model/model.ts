import { createHash } from 'node:crypto';
import { CONVERSIONS } from './conversions.sql.ts';
import { DEAD_LETTERS } from './dead-letters.sql.ts';
import { EVENTS } from './events.sql.ts';
import { FEES } from './fees.sql.ts';
import { HOLDS } from './holds.sql.ts';
import { IDEMPOTENCY } from './idempotency.sql.ts';
import { INTEGRITY } from './integrity.sql.ts';
import { KEPT_ROWS } from './kept-rows.sql.ts';
import { LEDGER } from './ledger.sql.ts';
import { OWNER_FUNCTIONS } from './owner-functions.sql.ts';
import { PAYMENTS } from './payments.sql.ts';
import { QUEUE } from './queue.sql.ts';
import { RECONCILIATION } from './reconciliation.sql.ts';
import { RETENTION } from './retention.sql.ts';
import { UNKNOWN_OUTCOMES } from './unknown-outcomes.sql.ts';
import { USERS_AND_WALLETS } from './users-and-wallets.sql.ts';
import { WORKERS } from './workers.sql.ts';

/**
 * The whole data model, in the order in which it reads best: users own wallets, the ledger says where the money is, payments say
 * what was asked for, the queue says what is still to do.
 *
 * Four things are deliberate and would puzzle a reader otherwise:
 * - Hot tables have no foreign keys to users and accounts. Checking one takes a share lock on the parent row, so every
 *   payment would write to the row of the one gateway account. Parents are never deleted (triggers), and the writing code takes ids only
 *   from rows that it read in the same batch.
 * - Where rows belong to a user, the key of a hot table begins with the user, so that a user's rows lie together and can live on one
 *   node (docs/decisions/081). What is known by an id alone is found by an index of its own.
 * - Columns of eight bytes stand before those of four, and those before text, so that no row is padded.
 * - A table of one row has `is_only` as its key: there is no second value that it could take.
 */
export const MODEL = [
  KEPT_ROWS,
  USERS_AND_WALLETS,
  LEDGER,
  FEES,
  PAYMENTS,
  QUEUE,
  HOLDS,
  CONVERSIONS,
  IDEMPOTENCY,
  UNKNOWN_OUTCOMES,
  DEAD_LETTERS,
  WORKERS,
  INTEGRITY,
  RECONCILIATION,
  EVENTS,
  RETENTION,
  OWNER_FUNCTIONS,
] as const;

/**
 * Tells one model from another: the hash of its text, without comments and spaces. A database keeps that of the model it was made with.
 * Until the first release the model may be rewritten, and databases that have another are refused. From then on it stays as it is
 * (`test/released-model.test.ts`).
 */
export const MODEL_FINGERPRINT = createHash('sha256')
  .update(MODEL.join('\n').replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' '))
  .digest('hex')
  .slice(0, 12);

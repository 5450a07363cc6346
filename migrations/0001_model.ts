import type { Knex } from 'knex';
import { MODEL, MODEL_FINGERPRINT } from './model/model.ts';

/** Makes the whole data model, which reads from top to bottom in `model/model.ts`, and notes which one it is. */
export async function up(knex: Knex): Promise<void> {
  for (const text of MODEL) await knex.raw(text);
  await knex.raw(`comment on table schema_migrations is 'model ${MODEL_FINGERPRINT}'`);
}

/** Migrations go forward only: undoing this one would delete the ledger. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}

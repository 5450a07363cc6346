import { readdirSync } from 'node:fs';
import path from 'node:path';

/** The texts of the first migration are in a folder of their own there, which knex does not look into. */
export const MIGRATIONS_FOLDER = path.resolve(import.meta.dirname, '..', '..', '..', 'migrations');

/** The names of the migrations that this version has, in their order. */
export function listKnownMigrations(): readonly string[] {
  return readdirSync(MIGRATIONS_FOLDER)
    .filter((name) => /^\d+_.*\.ts$/.test(name) && !name.endsWith('.test.ts'))
    .sort();
}

import type { RanMigrations } from './ran-migrations.sql.ts';

/** What the tables of a database are to this version. */
export type ModelState =
  | { readonly kind: 'current' }
  /** Migrations of this version are missing: all of them, or those since the last upgrade. */
  | { readonly kind: 'behind'; readonly missing: readonly string[] }
  /** A newer version has migrated it, and only that one or a later one knows its tables. */
  | { readonly kind: 'newer'; readonly unknown: readonly string[] }
  /** Made with a draft of the model: there was no promise to keep then, and no migration leads from there. */
  | { readonly kind: 'before_first_release' }
  | { readonly kind: 'another_program' };

/** Compares what a database has had with what this version has. Pure. */
export function decideModel(
  ran: RanMigrations | 'another_program' | undefined,
  known: { readonly names: readonly string[]; readonly fingerprint: string },
): ModelState {
  if (ran === 'another_program') return { kind: 'another_program' };
  const names = ran?.names ?? [];
  // Whatever came later, every database of a released version began with the same migration.
  const beganOtherwise = names.length > 0 && names[0] !== known.names[0];
  const hasOtherModel = ran?.fingerprint !== undefined && ran.fingerprint !== known.fingerprint;
  if (beganOtherwise || hasOtherModel) return { kind: 'before_first_release' };
  const unknown = names.filter((name) => !known.names.includes(name));
  if (unknown.length > 0) return { kind: 'newer', unknown };
  const missing = known.names.filter((name) => !names.includes(name));
  return missing.length > 0 ? { kind: 'behind', missing } : { kind: 'current' };
}

import { MODEL_FINGERPRINT } from '../../../migrations/model/model.ts';
import { describeDatabase } from '../sessions/database-address.ts';
import { WrongDatabase } from '../sessions/wrong-database.ts';
import { decideModel, type ModelState } from './decide-model.ts';
import { listKnownMigrations } from './known-migrations.ts';
import { type Session, selectRanMigrations } from './ran-migrations.sql.ts';

const NEW_DATABASE = 'make a new one and name it in DATABASE_URL';

export async function readModelState(queryable: Session): Promise<ModelState> {
  return decideModel(await selectRanMigrations(queryable), {
    names: listKnownMigrations(),
    fingerprint: MODEL_FINGERPRINT,
  });
}

/**
 * Makes sure that the database has the tables of this version, before anything is written there.
 * @throws WrongDatabase with one sentence that says what it has and what to do.
 */
export async function requireModel(queryable: Session, databaseUrl: string): Promise<void> {
  const state = await readModelState(queryable);
  refuseUnfitModel(state, { databaseUrl });
  if (state.kind === 'behind')
    throw new WrongDatabase(
      `The database ${describeDatabase(databaseUrl)} has not had the migrations of this version (${state.missing.join(', ')}). Run: npx tollgate migrate`,
    );
}

/**
 * Makes sure that our migrations lead from what the database has to what this version needs.
 * @param newDatabase how to begin with another database.
 * @throws WrongDatabase with one sentence that says what it has and what to do.
 */
export async function requireMigratable(
  queryable: Session,
  place: { readonly databaseUrl: string; readonly newDatabase?: string | undefined },
): Promise<void> {
  refuseUnfitModel(await readModelState(queryable), place);
}

function refuseUnfitModel(
  state: ModelState,
  {
    databaseUrl,
    newDatabase = NEW_DATABASE,
  }: { readonly databaseUrl: string; readonly newDatabase?: string | undefined },
): void {
  const reason = explainUnfitModel(state, newDatabase);
  if (reason)
    throw new WrongDatabase(
      `The database ${describeDatabase(databaseUrl)} ${reason}. Nothing in it was changed.`,
    );
}

/** Why no migration of this version leads on from a database, after its name; undefined where one does. Pure. */
export function explainUnfitModel(state: ModelState, newDatabase = NEW_DATABASE): string | undefined {
  switch (state.kind) {
    case 'before_first_release':
      return `was made before the first release of Tollgate, and no migration leads from it to this version: ${newDatabase}`;
    case 'newer':
      return `was migrated by a newer version of Tollgate (${state.unknown.join(', ')}), and this one is older: start that version again, or a later one`;
    case 'another_program':
      return 'has the migrations of another program: give Tollgate a database of its own and name it in DATABASE_URL';
    default:
      return undefined;
  }
}

import { z } from 'zod';
import { STATEMENT_KINDS, type StatementFilter } from '../../../wallets/read-statement.sql.ts';
import { createdFields, listQuery, toCreatedFilter } from '../../describe/list-fields.ts';

/** The query of a statement. */
export function statementQuery<Filters extends z.ZodRawShape>(filters: Filters) {
  return listQuery('statement', {
    ...filters,
    ...createdFields,
    kind: z.enum(STATEMENT_KINDS).optional().meta({ description: 'Only lines of what is called so.' }),
  });
}

/** The same, in the form that the statement takes. */
export function toStatementFilter(query: {
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly kind?: StatementFilter['kind'];
  readonly limit: number;
  readonly cursor?: bigint | undefined;
}): StatementFilter {
  return { ...toCreatedFilter(query), kind: query.kind, limit: query.limit, beforeId: query.cursor };
}

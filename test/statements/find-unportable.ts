/** Functions whose result is not decided by their arguments alone, as far as our statements might use them. */
const VOLATILE =
  /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random|gen_random_uuid|uuidv4|uuidv7|nextval|currval|lastval|setval|set_config|pg_current_xact_id|pg_backend_pid|txid_current|pg_advisory\w*|pg_try_advisory\w*|pg_notify)\s*\(|\b(current_timestamp|current_date|current_time|localtime|localtimestamp)\b/i;

interface Rule {
  readonly name: string;
  breaks(statement: string): boolean;
}

/** What a schema that is distributed refuses, although a server alone takes it. */
const RULES: readonly Rule[] = [
  {
    // A query that is sent on to another node must have a column, also one of which only the existence of rows is asked.
    name: 'selects no column',
    breaks: (statement) => /\bselect\s+(distinct\s+)?(from\b|where\b|limit\b|\)|$)/i.test(statement),
  },
  {
    // It could be computed on one node for a row on another, or twice. Compute it in the row to insert, and take `excluded`.
    name: 'calls a volatile function in do update set',
    breaks: (statement) =>
      [...statement.matchAll(/\bdo\s+update\s+set\b/gi)].some(({ index }) =>
        VOLATILE.test(restOfClause(statement.slice(index))),
      ),
  },
  {
    // Take it in a select around the statement, or in the list of a CTE that comes before.
    name: 'calls a volatile function in returning',
    breaks: (statement) =>
      [...statement.matchAll(/\breturning\b/gi)].some(({ index }) =>
        VOLATILE.test(restOfClause(statement.slice(index))),
      ),
  },
];

/** The names of the rules that a statement breaks. */
export function findUnportable(statement: string): string[] {
  return RULES.filter((rule) => rule.breaks(statement)).map(({ name }) => name);
}

/** Up to `returning`, or to the parenthesis that closes the CTE. */
function restOfClause(text: string): string {
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/[()]|\breturning\b/gi)) {
    if (mark === '(') depth += 1;
    else if (mark === ')') {
      depth -= 1;
      if (depth < 0) return text.slice(0, index);
    } else if (depth === 0 && index > 0) return text.slice(0, index);
  }
  return text;
}

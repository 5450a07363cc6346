/** Columns of a table that a statement changes. */
interface ChangedColumns {
  readonly table: string;
  readonly columns: readonly string[];
}

const UPDATE =
  /(?<!\b(?:for|do|key)\s+)\bupdate\s+(?:only\s+)?(?:public\.)?([a-z_]+)(?:\s+(?:as\s+)?(?!set\b)\w+)?\s+set\s+/gi;
const UPSERT =
  /\binsert\s+into\s+(?:public\.)?([a-z_]+)\b(?:(?!\binsert\s+into\b)[\s\S])*?\bdo\s+update\s+set\s+/gi;
/** What ends a list of assignments, outside of any brackets. `distinct from` compares. */
const END = /^(?:from|where|returning)\b/i;

/** The columns that a text of SQL changes, wherever in it, table by table. */
export function findChangedColumns(text: string): ChangedColumns[] {
  return [UPDATE, UPSERT].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      table: match[1] as string,
      columns: readAssigned(text.slice(match.index + match[0].length)),
    })),
  );
}

/** The names before the first `=` of each assignment. */
function readAssigned(rest: string): string[] {
  return splitAssignments(rest).flatMap((assignment) => {
    const [, list, name] = /^\s*(?:\(([^)]*)\)|"?(\w+)"?)\s*=/.exec(assignment) ?? [];
    return list === undefined ? (name ?? []) : list.split(',').map((each) => each.trim());
  });
}

function splitAssignments(rest: string): string[] {
  const assignments = [''];
  let depth = 0;
  for (let index = 0; index < rest.length; index += 1) {
    const character = rest[index] as string;
    if (depth === 0 && END.test(rest.slice(index)) && /\W/.test(rest[index - 1] ?? ' ')) {
      if (!/\bdistinct\s+$/i.test(rest.slice(0, index))) break;
    }
    depth += { '(': 1, '[': 1, ')': -1, ']': -1 }[character] ?? 0;
    if (depth < 0 || character === ';') break;
    if (depth === 0 && character === ',') assignments.push('');
    else assignments[assignments.length - 1] += character;
  }
  return assignments;
}

const NAME = String.raw`(?:[\w."]+|\$\{[^}]*\})`;

/** What comes before the name of a table that is written to. `for update` locks, and `do update` belongs to an insert. */
const WRITES = [
  String.raw`insert\s+into`,
  String.raw`delete\s+from(?:\s+only)?`,
  String.raw`merge\s+into(?:\s+only)?`,
  String.raw`truncate(?:\s+table)?(?:\s+only)?`,
  String.raw`(?<!\b(?:for|do|key)\s+)update(?:\s+only)?`,
].map(
  (verb) => new RegExp(String.raw`\b${verb}\s+(?!(?:on|only|table|set)\b)(${NAME}(?:\s*,\s*${NAME})*)`, 'gi'),
);

/** `update` and `truncate` are rights, too: `grant update, delete on ...`. */
const RIGHTS = /\b(?:grant|revoke)\b[^;]*/gi;

/**
 * The tables that a text of SQL writes to, wherever in it: also in a CTE. A name that a template inserts comes as `<table>`.
 */
export function findWrittenTables(text: string): string[] {
  const statements = text.replace(RIGHTS, '');
  const names = WRITES.flatMap((write) => [...statements.matchAll(write)].map(([, list = '']) => list))
    .flatMap((list) => list.split(','))
    .map((name) =>
      name
        .trim()
        .replace(/^public\.|"/g, '')
        .replace(/^\$\{(.*)\}$/, '<$1>'),
    );
  return [...new Set(names)].sort();
}

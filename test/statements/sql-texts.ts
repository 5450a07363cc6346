import { globSync, readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';

/** A text between quotes or backticks. What a template has inserted is kept as it is written: `${table}`. */
export interface SqlText {
  readonly file: string;
  readonly text: string;
}

/** Every text of the files that match a pattern, with the comments of SQL taken out. */
export function readTexts(pattern: string): SqlText[] {
  return globSync(pattern)
    .sort()
    .flatMap((file) => findTexts(file, readFileSync(file, 'utf8')));
}

export function findTexts(file: string, source: string): SqlText[] {
  // Offsets of the parser count bytes, and go on from where the file before ended.
  const bytes = Buffer.from(source);
  const module = parseSync(source, { syntax: 'typescript', comments: false });
  const start = module.span.start - leadingBytes(source);
  const sourceOf = ({ span }: Spanned) =>
    bytes.subarray(span.start - start, span.end - start).toString('utf8');

  const found: SqlText[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type } = node as { type?: string };
    if (type === 'ImportDeclaration') return;
    if (type === 'StringLiteral' || type === 'TemplateLiteral') {
      found.push({
        file,
        text: sourceOf(node as Spanned)
          .slice(1, -1)
          .replace(/--.*$/gm, ''),
      });
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(module.body);
  return found;
}

interface Spanned {
  readonly span: { readonly start: number; readonly end: number };
}

/** The span of a module begins with its first statement, and not with the spaces and comments before. */
function leadingBytes(source: string): number {
  const [lead = ''] = /^(\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*/.exec(source) ?? [];
  return Buffer.byteLength(lead);
}

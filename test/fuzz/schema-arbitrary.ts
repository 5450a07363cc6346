import fc, { type Arbitrary } from 'fast-check';
import type { Node } from './described-api.ts';

/** Strings that have broken programs before. */
export const oddText: Arbitrary<string> = fc.oneof(
  // What JSON can say and PostgreSQL cannot keep.
  fc.constantFrom('a\u0000b', 'x\udc00y'),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\ufeff',
    '\u202e',
    '💸',
    '%00',
    '%ff',
    '../../etc/passwd',
    "'; drop table payments; --",
    '{{7*7}}',
    '<script>',
    '__proto__',
    'constructor',
    'NaN',
    'Infinity',
    '-0',
    '1e309',
    '0x10',
    '１２',
    '٣',
    'null',
    'undefined',
    'true',
    'x'.repeat(300),
    'é'.repeat(5000),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);

/** JSON literals at the edges of what numbers can be, which JSON.stringify could not write. */
export const oddNumberLiteral: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '-1',
    '0.001',
    '1e400',
    '-1e400',
    '1e-400',
    '1E+2',
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '9223372036854775807',
    '9223372036854775808',
    '99999999999.99',
    '100000000000',
    '100000000000.01',
    '199.990000000000001',
    '9'.repeat(400),
    `0.${'0'.repeat(400)}1`,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
);

/** Ids that probably exist, most of the time. */
const likelyId = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 50 }) },
  { weight: 1, arbitrary: fc.nat() },
);

/** JSON text that fits a schema, or nearly: now and then a part of it is something else. */
export function jsonFor(schema: Node, { oddity }: { readonly oddity: number }): Arbitrary<string> {
  const fitting = fittingJson(schema, { oddity });
  if (oddity === 0) return fitting;
  return fc.oneof({ weight: 100 - oddity, arbitrary: fitting }, { weight: oddity, arbitrary: oddJson });
}

export const oddJson: Arbitrary<string> = fc.oneof(
  oddNumberLiteral,
  oddText.map((text) => JSON.stringify(text)),
  fc.constantFrom('null', 'true', 'false', '[]', '{}', '[[]]', '{"":""}', '{"__proto__":{"x":1}}'),
  fc.json({ maxDepth: 4 }),
  fc.integer({ min: 1, max: 5000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.integer({ min: 1, max: 2000 }).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
);

function fittingJson(schema: Node, options: { readonly oddity: number }): Arbitrary<string> {
  if (schema === undefined || typeof schema === 'boolean') return fc.json();
  if (schema.oneOf && schema.properties)
    return fc.oneof(
      ...(schema.oneOf as Node[]).map((choice) => fittingJson(withChoice(schema, choice), options)),
    );
  const choices: readonly Node[] | undefined = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => fittingJson(choice, options)));
  if (schema.const !== undefined) return fc.constant(JSON.stringify(schema.const));
  const values: readonly Node[] | undefined = schema.enum;
  if (values) return fc.constantFrom(...values.map((value) => JSON.stringify(value)));
  const types: string[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  return fc.oneof(...types.map((type) => fittingOfType(type, schema, options)));
}

/** An object of which one of several members has to be there: with this one, and without the others. */
function withChoice({ oneOf, ...schema }: Node, choice: Node): Node {
  const others = new Set(
    oneOf.flatMap((other: Node) => other.required).filter((name: string) => !choice.required.includes(name)),
  );
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !others.has(name))),
    required: [...(schema.required ?? []), ...choice.required],
  };
}

function fittingOfType(type: string, schema: Node, options: { readonly oddity: number }): Arbitrary<string> {
  switch (type) {
    case 'integer':
      return fc.oneof(likelyId, fc.integer(boundsOf(schema))).map(String);
    case 'number':
      return fc.oneof(
        fc.integer({ min: 1, max: 100_000 }).map((cents) => (cents / 100).toFixed(2)),
        fc.integer({ min: 1, max: 1000 }).map(String),
      );
    case 'boolean':
      return fc.constantFrom('true', 'false');
    case 'null':
      return fc.constant('null');
    case 'array':
      return fc
        .array(jsonFor(schema.items, options), { maxLength: Math.min(schema.maxItems ?? 5, 5) })
        .map((items) => `[${items.join(',')}]`);
    case 'object':
      return objectJson(schema, options);
    default: {
      // Text goes through more hands than a number before something is wrong with it.
      const text = options.oddity === 0 ? textFor(schema) : fc.oneof(textFor(schema), oddText);
      return text.map((value) => JSON.stringify(value));
    }
  }
}

function objectJson(schema: Node, options: { readonly oddity: number }): Arbitrary<string> {
  const members = Object.entries<Node>(schema.properties ?? {});
  const required = new Set<string>(schema.required ?? []);
  const arbitraries = members.map(([name, member]) =>
    fc
      .option(jsonFor(member, options), { freq: required.has(name) ? Math.max(2, 200 - options.oddity) : 2 })
      .map((json) => (json === null ? [] : [`${JSON.stringify(name)}:${json}`])),
  );
  const extra = fc.tuple(oddText, oddJson).map(([name, json]) => [`${JSON.stringify(name)}:${json}`]);
  const noExtra: Arbitrary<string[]> = fc.constant([]);
  const maybeExtra =
    options.oddity === 0
      ? noExtra
      : fc.oneof(
          { weight: 100 - options.oddity, arbitrary: noExtra },
          { weight: options.oddity, arbitrary: extra },
        );
  return fc
    .tuple(maybeExtra, ...arbitraries)
    .chain((groups) => fc.shuffledSubarray(groups.flat(), { minLength: groups.flat().length }))
    .map((written) => `{${written.join(',')}}`);
}

/** Text that fits a schema of a string, or of a number as it stands in an address. */
export function textFor(schema: Node): Arbitrary<string> {
  if (schema.anyOf && schema.example === undefined) return fc.oneof(...(schema.anyOf as Node[]).map(textFor));
  if (schema.enum) return fc.constantFrom(...schema.enum.map(String));
  if (schema.example !== undefined) {
    const { example: _example, ...rest } = schema;
    return fc.oneof(fc.constant(String(schema.example)), textFor(rest));
  }
  if (schema.type === 'integer') return fc.oneof(likelyId, fc.integer(boundsOf(schema))).map(String);
  if (schema.type === 'boolean') return fc.constantFrom('true', 'false');
  if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern, 'u'));
  if (schema.format === 'date-time') {
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
      .map((at) => at.toISOString());
  }
  return fc.string({ minLength: schema.minLength ?? 1, maxLength: Math.min(schema.maxLength ?? 30, 60) });
}

function boundsOf(schema: Node): { min: number; max: number } {
  const min = Math.max(schema.minimum ?? (schema.exclusiveMinimum ?? -1) + 1, -(2 ** 31));
  const max = Math.min(schema.maximum ?? 2 ** 31 - 1, 2 ** 31 - 1);
  return { min: Math.min(min, max), max };
}

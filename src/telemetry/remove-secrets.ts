import { serializeError } from './serialize-error.ts';

/** Names of fields that are a secret wherever they stand: `token`, `ratesAuthorization`, `callbackSecrets`. */
const SECRET_NAME = /(?:authorization|cookie|password|passphrase|secrets?|token)$/i;

/** Settings that may carry a secret and do not say so, by group and name, in case somebody logs all settings. */
const SECRET_SETTINGS: Readonly<Record<string, ReadonlySet<string>>> = {
  database: new Set(['url', 'migrationUrl']),
  gateway: new Set(['url', 'bookUrl', 'headers']),
  gatewayMock: new Set(['callbackUrl']),
  conversions: new Set(['ratesUrl']),
};

/** Nothing that is logged on purpose goes deeper; what does is left out, which ends circles, too. */
const DEEPEST = 8;

/**
 * Gives the fields of a log line without those that may carry a secret, at any depth. What holds none is given back as it is, not
 * copied: this runs for each line, and a line of a payment is a flat object of a few fields.
 */
export function removeSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return withoutSecrets(fields, undefined, 0);
}

function withoutSecrets(
  fields: Record<string, unknown>,
  parent: string | undefined,
  depth: number,
): Record<string, unknown> {
  const secretSettings = parent === undefined ? undefined : SECRET_SETTINGS[parent];
  let cleaned: Record<string, unknown> | undefined;
  for (const name in fields) {
    const value = fields[name];
    if (SECRET_NAME.test(name) || secretSettings?.has(name)) {
      cleaned ??= { ...fields };
      delete cleaned[name];
      continue;
    }
    if (typeof value !== 'object' || value === null) continue;
    const clean = cleanValue(value, name, depth + 1);
    if (clean === value) continue;
    cleaned ??= { ...fields };
    cleaned[name] = clean;
  }
  return cleaned ?? fields;
}

function cleanValue(value: object, name: string, depth: number): unknown {
  if (depth > DEEPEST) return undefined;
  if (Array.isArray(value)) return cleanList(value, name, depth);
  // The log's own serializer does the `error` of a line.
  if (value instanceof Error) return depth === 1 && name === 'error' ? value : serializeError(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return withoutSecrets(value as Record<string, unknown>, name, depth);
}

function cleanList(values: readonly unknown[], name: string, depth: number): readonly unknown[] {
  const cleaned = values.map((value) =>
    typeof value === 'object' && value !== null ? cleanValue(value, name, depth + 1) : value,
  );
  return cleaned.some((value, index) => value !== values[index]) ? cleaned : values;
}

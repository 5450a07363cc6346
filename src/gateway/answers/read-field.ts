import { ExactNumber } from '../../money/exact-number.ts';
import type { FieldPath } from '../../process/settings/gateway-answer-mapping.ts';

/** The members of a JSON object; undefined for any other value. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && !(value instanceof ExactNumber) ? (value as Record<string, unknown>) : undefined;
}

/** The value at a path of an answer; undefined if there is none. Inherited properties do not count. */
export function readField(body: unknown, path: FieldPath | null): unknown {
  if (path === null) return undefined;
  let value = body;
  for (const name of path) {
    const members = membersOf(value);
    if (!members || !Object.hasOwn(members, name)) return undefined;
    value = members[name];
  }
  return value;
}

/** A text, or a number as it was written; undefined for anything else. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || value instanceof ExactNumber ? String(value) : undefined;
}

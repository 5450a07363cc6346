import type { Request } from 'express';
import { fingerprintOf } from '../../idempotency/fingerprint.ts';
import type { IdempotencyClaim } from '../../idempotency/used-key.ts';
import { Problem } from '../problems/problem.ts';

const HEADERS = ['Idempotency-Key', 'X-Idempotency-Key'] as const;
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** A JSON Schema pattern for the header: a key in double quotes, or a key without a double quote at one end at least. */
export const KEY_PATTERN = '^(?:"[!-~]{1,255}"|[!#-~][!-~]{0,254}|"(?:[!-~]{0,253}[!#-~])?)$';

/**
 * Reads the idempotency key of a request and fingerprints the request.
 * @param route the pattern of the path.
 * @param understood the values read from the body, each in its canonical form: an amount is `1.1`, whether it was written `1.10`, `"1.1"`
 * or `11e-1`, and a member that was left out has its default. No value contains a line break.
 * @throws Problem if the key is not valid, or is required and missing.
 */
export function readIdempotencyClaim(
  request: Request,
  {
    route,
    isRequired,
    understood,
  }: {
    readonly route: string;
    readonly isRequired: boolean;
    readonly understood: Readonly<Record<string, string>>;
  },
): IdempotencyClaim | null {
  const key = readIdempotencyKey(request, { isRequired });
  return key === null ? null : { key, fingerprint: fingerprintOf(request.method, route, understood) };
}

/**
 * Reads the idempotency key of a request. Double quotes around it (a structured-header string) are not part of it.
 * @throws Problem if the key is not valid, or is required and missing.
 */
export function readIdempotencyKey(
  request: Request,
  { isRequired }: { readonly isRequired: boolean },
): string | null {
  const keys = new Set(
    HEADERS.flatMap((name) => request.headersDistinct[name.toLowerCase()] ?? []).map(withoutQuotes),
  );
  if (keys.size === 0) {
    if (isRequired)
      throw new Problem('idempotency-key-required', {
        errors: [{ field: HEADERS[0], message: 'is required' }],
      });
    return null;
  }
  const [key = ''] = keys;
  if (keys.size > 1) throw malformed('was sent with different values');
  if (!VISIBLE_ASCII.test(key)) throw malformed('must have 1 to 255 visible ASCII characters');
  return key;
}

/** Whether a request has a key, which may have been used before. */
export function mayBeKeyed(request: Request): boolean {
  return HEADERS.some((name) => request.headers[name.toLowerCase()] !== undefined);
}

/** The key without the double quotes of a structured-header string. */
export function withoutQuotes(key: string): string {
  return key.length >= 2 && key.startsWith('"') && key.endsWith('"') ? key.slice(1, -1) : key;
}

function malformed(message: string): Problem {
  return new Problem('idempotency-key-malformed', {
    detail: `${HEADERS[0]} ${message}.`,
    errors: [{ field: HEADERS[0], message }],
  });
}

import type { Request } from 'express';

/** Version 00 of W3C Trace Context; ids of zeros alone are not valid. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace that a request belongs to; undefined if it brought none that is valid, which is then passed over as if it were not there. */
export function readTraceparent(request: Request): string | undefined {
  const header = request.headers.traceparent;
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined;
}

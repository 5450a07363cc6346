import { maskCredentials } from './mask-credentials.ts';

/**
 * What a log may contain of an error: name, code, message and stack, never the whole object. An axios error carries the request with its
 * headers, and a pg error the row that it failed on.
 */
export function serializeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, stack } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    name,
    message: maskCredentials(error.message),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack: maskCredentials(stack) }),
  };
}

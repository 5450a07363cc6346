import fc from 'fast-check';
import { GATEWAY_ERROR_CLASSES } from '../port/gateway-failure.ts';
import { classifyCallError } from './classify-call-error.ts';

const CERTAIN = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'UND_ERR_CONNECT_TIMEOUT'];
const CERTAIN_WHILE_CONNECTING = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'];

describe('a call without an answer', () => {
  test.each(CERTAIN)('%s was never sent', (code) => {
    expect(classifyCallError({ code, syscall: undefined }).kind).toBe('not_executed');
  });

  test.each(CERTAIN_WHILE_CONNECTING)('%s was never sent when it came while connecting', (code) => {
    expect(classifyCallError({ code, syscall: 'connect' }).kind).toBe('not_executed');
  });

  test.each(CERTAIN_WHILE_CONNECTING)('%s on an open connection may have executed', (code) => {
    expect(classifyCallError({ code, syscall: 'read' }).kind).toBe('unknown');
    expect(classifyCallError({ code, syscall: undefined }).kind).toBe('unknown');
  });

  test.each([
    ['ECONNRESET', 'reset'],
    ['EPIPE', 'reset'],
    ['UND_ERR_SOCKET', 'reset'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'unreadable'],
    ['UND_ERR_ABORTED', 'aborted'],
    ['ETIMEDOUT', 'timeout'],
    ['ECONNABORTED', 'timeout'],
    ['ERR_CANCELED', 'aborted'],
    ['ERR_BAD_RESPONSE', 'unreadable'],
    ['HPE_INVALID_CONSTANT', 'unreadable'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['EWHATEVER', 'other'],
    [undefined, 'other'],
  ])('%s may have executed and is counted as %s', (code, errorClass) => {
    expect(classifyCallError({ code, syscall: undefined })).toMatchObject({ kind: 'unknown', errorClass });
  });

  test('counts as not executed for the listed codes and for nothing else', () => {
    const certain = new Set([...CERTAIN, ...CERTAIN_WHILE_CONNECTING]);
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom(...certain, 'ECONNRESET', 'ETIMEDOUT')),
        fc.constantFrom('connect', 'read', 'write', 'getaddrinfo', undefined),
        (code, syscall) => {
          const outcome = classifyCallError({ code, syscall });
          if (outcome.kind === 'not_executed') expect(certain).toContain(code);
          expect(GATEWAY_ERROR_CLASSES).toContain(outcome.errorClass);
        },
      ),
    );
  });
});

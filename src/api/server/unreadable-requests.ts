import { randomUUID } from 'node:crypto';
import { type Server, STATUS_CODES } from 'node:http';
import { PROBLEM_MEDIA_TYPE, Problem, renderProblem } from '../problems/problem.ts';
import type { ProblemCode } from '../problems/problem-catalogue.ts';

const CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** Answers requests that never reach the app with a problem document, where Node would send plain text or nothing. */
export function answerUnreadableRequests(server: Server): void {
  // Requests that are not HTTP, have headers that are too large, or do not arrive.
  server.on('clientError', (error: UnreadableRequest, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const problem = new Problem(CODES[error.code ?? ''] ?? 'malformed-request');
    const body = renderProblem(problem, '/');
    const headers = Object.entries(headersOf(body)).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${headers.join('')}\r\n${asksForHead(error) ? '' : body}`,
    );
  });

  server.on('checkExpectation', (request, response) => {
    const problem = new Problem('expectation-failed');
    const body = renderProblem(problem, (request.url ?? '/').split('?')[0] ?? '/');
    response.writeHead(problem.status, headersOf(body));
    response.end(body);
  });
}

/** What was read of a request that could not be read to its end. Node gives what came last, which has its beginning unless it came in pieces. */
interface UnreadableRequest extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** An answer to HEAD has the headers of a body, and no body. */
function asksForHead({ rawPacket }: UnreadableRequest): boolean {
  return rawPacket?.subarray(0, 5).toString('latin1') === 'HEAD ';
}

function headersOf(body: string): Record<string, string | number> {
  return {
    'Content-Type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'X-Request-Id': randomUUID(),
    Connection: 'close',
  };
}

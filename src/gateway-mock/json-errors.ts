import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Logger } from '../telemetry/logging.ts';

/** Answers that a request is not valid, and names each field that is wrong. */
export function sendIssues(response: Response, error: z.ZodError): void {
  const errors = error.issues.flatMap((issue) => {
    // Zod reports unknown fields at their parent, which would name no field at all.
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({ field: path.join('.') || 'body', message: issue.message }));
  });
  response.status(422).json({ code: 'invalid_request', message: 'the request is not valid', errors });
}

/** Answers requests for addresses that do not exist. */
export const sendNotFound: RequestHandler = (_request, response) => {
  response.status(404).json({ code: 'not_found', message: 'there is nothing at this address' });
};

/** Answers requests that could not be read (broken JSON, too long a body) and internal errors, without a stack. */
export function createErrorHandler(log: Logger): ErrorRequestHandler {
  return (error, _request, response, _next) => {
    const status: unknown = error?.status;
    const isClientError = typeof status === 'number' && status >= 400 && status < 500;
    if (!isClientError) log.error({ event: 'gateway_mock.failed', error });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const answer = isClientError
      ? { code: 'bad_request', message: 'the request could not be read' }
      : { code: 'internal', message: 'the gateway mock has a defect' };
    response.status(isClientError ? status : 500).json(answer);
  };
}

import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Logger } from '../telemetry/logging.ts';

/** Answers that a request does not fit, naming each field. */
export function sendIssues(response: Response, error: z.ZodError): void {
  const errors = error.issues.flatMap((issue) => {
    // Zod reports fields that it does not know at their parent, which would name no field at all.
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({ field: path.join('.') || 'body', message: issue.message }));
  });
  response.status(422).json({ code: 'invalid_request', message: 'the request does not fit', errors });
}

/** Answers every address that is none. */
export const sendNotFound: RequestHandler = (_request, response) => {
  response.status(404).json({ code: 'not_found', message: 'there is nothing here' });
};

/** Answers what could not be read (broken JSON, a body that is too long) and what went wrong, without a stack. */
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

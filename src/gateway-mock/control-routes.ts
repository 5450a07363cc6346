import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import { z } from 'zod';
import type { BehaviourStore } from './behaviour-store.ts';
import type { CallbackSender } from './callback-sender.ts';
import { sendIssues } from './json-errors.ts';
import type { PaymentDesk } from './payment-desk.ts';
import { type PlainGuards, servePath } from './serve-path.ts';

const pageSchema = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});

const exportSchema = z.object({ after: z.coerce.number().int().min(0).default(0) });

/** Routes that a real gateway does not have: they change its behaviour and show its book. */
export function createControlRoutes({
  seed,
  desk,
  behaviour,
  sender,
  guards,
}: {
  readonly seed: string;
  readonly desk: PaymentDesk;
  readonly behaviour: BehaviourStore;
  readonly sender: CallbackSender | undefined;
  readonly guards: PlainGuards;
}): Router {
  const router = Router();
  const control = (path: string, handlers: Parameters<typeof servePath>[2]['handlers']) =>
    servePath(router, path, { handlers, guards, isControl: true });

  servePath(router, '/health', {
    guards,
    handlers: {
      get(_request, response) {
        response.json({ status: 'ok', seed });
      },
    },
  });
  // Reconciliation reads this like the book of any other gateway.
  servePath(router, '/book/export', {
    guards,
    handlers: {
      async get(request, response) {
        const range = exportSchema.safeParse(request.query);
        if (!range.success) {
          sendIssues(response, range.error);
          return;
        }
        // This is the book as of now; what is executed while the client reads belongs to the next export.
        const lastLine = desk.bookLineCount();
        const lines = exportLines(desk, { after: range.data.after, through: lastLine });
        response.type('application/x-ndjson');
        // This fails if the client hangs up, which it may do.
        await pipeline(Readable.from(lines), response).catch(() => {});
      },
    },
  });

  control('/book', {
    get(request, response) {
      const page = pageSchema.safeParse(request.query);
      if (page.success) response.json(desk.exportBook(page.data));
      else sendIssues(response, page.error);
    },
    delete(_request, response) {
      desk.clear();
      response.status(204).end();
    },
  });
  control('/journal', {
    get(request, response) {
      const page = pageSchema.safeParse(request.query);
      if (page.success) response.json(desk.exportJournal(page.data));
      else sendIssues(response, page.error);
    },
  });
  control('/callbacks', {
    get(_request, response) {
      response.json({ is_on: sender !== undefined, ...sender?.counters() });
    },
  });
  control('/behaviour', {
    get(_request, response) {
      response.json(behaviour.get());
    },
    put(request, response) {
      const change = behaviour.change(request.body);
      if (change.kind === 'changed') response.json(behaviour.get());
      else sendIssues(response, change.error);
    },
    delete(_request, response) {
      behaviour.reset();
      response.json(behaviour.get());
    },
  });

  return router;
}

/** Ends with a line that says so: a client that has not read it has not read the whole book, however the connection ended. */
function* exportLines(
  desk: PaymentDesk,
  range: { readonly after: number; readonly through: number },
): Generator<string> {
  yield* desk.bookLines(range);
  yield `${JSON.stringify({ end: true, last_line: range.through })}\n`;
}

import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { describeEachEvent, describeEvents } from '../../events/describe-events.ts';
import { registerDocumentation } from '../describe/documentation.ts';
import { renderEventsPage } from '../describe/events-page.ts';
import { describeApi } from '../describe/openapi.ts';
import { accountOperations } from '../features/accounts/account-operations.ts';
import { holdOperations } from '../features/accounts/hold-operations.ts';
import { listHoldOperations } from '../features/accounts/list-hold-operations.ts';
import { resolveOperations } from '../features/accounts/resolve-operations.ts';
import { callbackOperations } from '../features/callbacks/callback-operations.ts';
import { convertOperations } from '../features/currency/convert-operations.ts';
import { feeChangeOperations } from '../features/currency/fee-change-operations.ts';
import { feeOperations } from '../features/currency/fee-operations.ts';
import { listQuoteOperations } from '../features/currency/list-quote-operations.ts';
import { positionOperations } from '../features/currency/position-operations.ts';
import { quoteOperations } from '../features/currency/quote-operations.ts';
import { rateOperations } from '../features/currency/rate-operations.ts';
import { bulkRedriveOperations } from '../features/dead-letters/bulk-redrive-operations.ts';
import { deadLetterOperations } from '../features/dead-letters/dead-letter-operations.ts';
import { eventOperations } from '../features/events/event-operations.ts';
import { healthOperations } from '../features/health/health-operations.ts';
import { integrityOperations } from '../features/integrity/integrity-operations.ts';
import { otherNameOperations } from '../features/other-names/other-name-operations.ts';
import { overviewOperations } from '../features/overview/overview-operations.ts';
import { acceptOperations } from '../features/payments/accept-operations.ts';
import { paymentOperations } from '../features/payments/payment-operations.ts';
import { refundOperations } from '../features/payments/refund-operations.ts';
import { timelineOperations } from '../features/payments/timeline-operations.ts';
import { differenceOperations } from '../features/reconciliation/difference-operations.ts';
import { reconciliationOperations } from '../features/reconciliation/reconciliation-operations.ts';
import { unknownOperations } from '../features/unknown/unknown-operations.ts';
import { userOperations } from '../features/users/user-operations.ts';
import { openOperations } from '../features/wallets/open-operations.ts';
import { stateOperations } from '../features/wallets/state-operations.ts';
import { transferOperations } from '../features/wallets/transfer-operations.ts';
import { userWalletOperations } from '../features/wallets/user-wallet-operations.ts';
import { walletOperations } from '../features/wallets/wallet-operations.ts';
import { walletPaymentOperations } from '../features/wallets/wallet-payment-operations.ts';
import { workerOperations } from '../features/workers/worker-operations.ts';
import { shedLoad } from '../load/shed-load.ts';
import { PROBLEM_MEDIA_TYPE, Problem, renderProblem } from '../problems/problem.ts';
import { refuseWhileViolated } from '../problems/refuse-while-violated.ts';
import { toProblem } from '../problems/to-problem.ts';
import type { ApiContext } from './api-context.ts';
import { readBody, readRawBody } from './content/read-body.ts';
import { isForOperatorsOnly } from './guards/access.ts';
import type { Door } from './guards/decide-operator-access.ts';
import { refuseForeignHosts, refuseForeignPages } from './guards/guard-requests.ts';
import { createOperatorGuard, requireConsoleVisitor } from './guards/require-operator.ts';
import { factsOf, observeRequests } from './observe-request.ts';
import type { Operation } from './operation.ts';
import { registerConsole } from './pages/register-console.ts';
import { registerMetrics } from './pages/register-metrics.ts';
import { registerOperations } from './register-operations.ts';
import { requestPath } from './request-path.ts';
import { secureHeaders } from './secure-headers.ts';

/** Every operation of the API, in the order of the documentation. No path hides another. */
export function listOperations(context: ApiContext): Operation[] {
  return [
    ...userOperations(context),
    ...userWalletOperations(context),
    ...walletOperations(context),
    // Some of their paths would be taken for an account.
    ...otherNameOperations(context),
    ...openOperations(context),
    ...walletPaymentOperations(context),
    ...stateOperations(context),
    ...accountOperations(context),
    ...holdOperations(context),
    ...resolveOperations(context),
    ...listHoldOperations(context),
    ...transferOperations(context),
    ...acceptOperations(context),
    ...refundOperations(context),
    ...paymentOperations(context),
    ...rateOperations(context),
    ...feeOperations(context),
    ...feeChangeOperations(context),
    ...quoteOperations(context),
    ...convertOperations(context),
    ...listQuoteOperations(context),
    ...positionOperations(context),
    ...deadLetterOperations(context),
    ...bulkRedriveOperations(context),
    ...unknownOperations(context),
    ...timelineOperations(context),
    ...differenceOperations(context),
    ...reconciliationOperations(context),
    ...callbackOperations(context),
    ...integrityOperations(context),
    ...eventOperations(context),
    ...workerOperations(context),
    ...overviewOperations(context),
    ...healthOperations(context),
  ];
}

/** Assembles the API for one listener; it neither listens nor owns anything that must be closed. */
export function createApp(context: ApiContext, { door }: { readonly door: Door }): Express {
  const { config, metricsPage } = context;
  const hidesOperators = door === 'clients';
  const all = listOperations(context);
  const described = all.filter((operation) => !(hidesOperators && isForOperatorsOnly(operation)));
  const operators = createOperatorGuard(context, { door });

  const app = express();
  // A proxy in front distinguishes paths by case, and the OpenAPI document has one path for each endpoint.
  app.enable('case sensitive routing');
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(observeRequests(context));
  app.use(...secureHeaders(config));
  app.use(refuseForeignHosts(config));
  app.use(shedLoad(context));
  app.use(endLateRequests(config.api.requestTimeoutMs, described));
  registerDocumentation(app, {
    api: describeApi(described, context),
    events: hidesOperators ? undefined : documentEvents(context),
  });
  if (!hidesOperators) {
    const isOpen = door === 'operators' || config.service.environment !== 'production';
    registerMetrics(app, { page: metricsPage, guard: isOpen ? letPass : operators.requireOperator });
    registerConsole(app, requireConsoleVisitor(context, { door }));
  }
  registerOperations(app, all, {
    operators,
    hidesOperators,
    refuseForeignPages: refuseForeignPages(config),
    readBody: readBody(config.api.bodyLimitBytes),
    readRawBody: readRawBody(config.api.bodyLimitBytes),
    refuseMoney: refuseWhileViolated(context),
  });
  app.use(() => {
    throw new Problem('not-found');
  });
  app.use(answerWithProblem(context));
  return app;
}

function documentEvents({ version, config }: ApiContext) {
  const { source } = config.events;
  return {
    document: describeEvents({ version, source }),
    page: renderEventsPage(describeEachEvent(), { version }),
  };
}

const letPass: RequestHandler = (_request, _response, next) => next();

/**
 * Answers a request that takes too long. What the request started may still happen, and the answer says so. The client then has the same
 * time again to read its answer; after that it is disconnected.
 */
function endLateRequests(deadlineMs: number, operations: readonly Operation[]): RequestHandler {
  const acceptingPaths = new Set(
    operations.filter(({ problems }) => problems.includes('accept-outcome-unknown')).map(({ path }) => path),
  );
  return (request, response, next) => {
    let isLate = false;
    const timer = setTimeout(() => {
      if (factsOf(response).isStream) return;
      if (isLate) response.destroy();
      else if (!response.headersSent) {
        const isAccepting = acceptingPaths.has(factsOf(response).route);
        sendProblem(response, lateProblem(request, { isAccepting }), requestPath(request));
      }
      isLate = true;
      timer.refresh();
    }, deadlineMs);
    response.once('close', () => clearTimeout(timer));
    next();
  };
}

function lateProblem(
  { method, complete }: Request,
  { isAccepting }: { readonly isAccepting: boolean },
): Problem {
  // No work starts before the whole body has arrived, and none will start after this answer.
  if (!complete) return new Problem('request-timeout', { headers: { Connection: 'close' } });
  if (method === 'GET' || method === 'HEAD')
    return new Problem('database-unavailable', { detail: 'The request took too long.' });
  if (!isAccepting)
    return new Problem('write-outcome-unknown', {
      detail:
        'The request took too long and may still be carried out. With a key, send it again; without one, check first whether it was carried out.',
    });
  return new Problem('accept-outcome-unknown', {
    detail:
      "The request took too long and its outcome is not known. With a key, send it again; without one, look at the user's payments first.",
  });
}

/** Turns any error that ended a request into its answer. */
export function answerWithProblem({ log, metrics }: ApiContext): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const problem = toProblem(error);
    const facts = factsOf(response);
    facts.error = problem.details.cause ?? error;
    if (problem.code === 'internal') {
      metrics.unclassifiedErrors.inc({ kind: classifyDatabaseError(error).kind });
      log.error({ event: 'http.request_failed', request_id: facts.requestId, route: facts.route, error });
    }
    if (!response.headersSent) sendProblem(response, problem, requestPath(request));
    // A complete answer stands; one that broke off must not look complete.
    else if (!response.writableEnded) response.destroy();
  };
}

function sendProblem(response: Parameters<RequestHandler>[1], problem: Problem, path: string): void {
  const text = renderProblem(problem, path);
  response.writeHead(problem.status, {
    ...problem.headers,
    'Content-Type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

import type { Express, RequestHandler } from 'express';
import swaggerUi from 'swagger-ui-express';
import { Problem } from '../problems/problem.ts';
import { PROBLEM_CODES, type ProblemCode, problemKind } from '../problems/problem-catalogue.ts';
import { requireJsonAdmitted } from '../server/content/negotiate.ts';
import { servePage } from '../server/pages/serve-page.ts';

/** Swagger UI uses inline styles; nothing is loaded from another host. */
const SECURITY_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'";

/** Nothing but the page itself, and the styles that stand in it. */
const EVENTS_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** What is served about the API. */
export interface Documents {
  /** OpenAPI. */
  readonly api: object;
  /** The events, as an AsyncAPI document and as a page; undefined where nobody may read events. */
  readonly events?: { readonly document: object; readonly page: string } | undefined;
}

/** Serves the OpenAPI document, Swagger UI for it, the same for events, and a page for each problem type. */
export function registerDocumentation(app: Express, { api: description, events }: Documents): void {
  servePage(
    app,
    { paths: ['/openapi.json'], route: '/openapi.json' },
    requireJsonAdmitted,
    (_request, response) => {
      response.json(description);
    },
  );
  if (events) serveEvents(app, events);
  servePage(app, { paths: ['/docs', '/docs/*file'], route: '/docs' }, ...swaggerHandlers());
  servePage(
    app,
    { paths: ['/problems/:code'], route: '/problems/{code}' },
    requireJsonAdmitted,
    (request, response) => {
      const code = PROBLEM_CODES.find((known): known is ProblemCode => known === request.params.code);
      if (!code) throw new Problem('not-found');
      const { retryAfterSeconds, ...kind } = problemKind(code);
      const wait = retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds };
      response.json({ type: `/problems/${code}`, ...kind, ...wait });
    },
  );
}

function serveEvents(app: Express, { document, page }: NonNullable<Documents['events']>): void {
  servePage(
    app,
    { paths: ['/asyncapi.json'], route: '/asyncapi.json' },
    requireJsonAdmitted,
    (_request, response) => {
      response.json(document);
    },
  );
  servePage(app, { paths: ['/docs/events'], route: '/docs/events' }, (_request, response) => {
    response.setHeader('Content-Security-Policy', EVENTS_POLICY);
    response.type('html').send(page);
  });
}

/** Serves the page at /docs/ and its files below that, and nothing else. */
function swaggerHandlers(): RequestHandler[] {
  const page = swaggerUi.setup(undefined, {
    customSiteTitle: 'Tollgate API',
    swaggerOptions: {
      url: '/openapi.json',
      tryItOutEnabled: true,
      validatorUrl: null,
      displayRequestDuration: true,
    },
  });
  const files: RequestHandler[] = swaggerUi.serve.map((serve) => (request, response, next) => {
    // swagger-ui-express finds its files by the path after its mount point.
    const { url } = request;
    request.url = url.replace(/^\/docs/, '') || '/';
    serve(request, response, (error?: unknown) => {
      request.url = url;
      next(error);
    });
  });
  const unknown: RequestHandler = () => {
    throw new Problem('not-found');
  };
  const whole: RequestHandler = (request, response, next) => {
    response.setHeader('Content-Security-Policy', SECURITY_POLICY);
    if (request.path === '/docs/') page(request, response, next);
    // The page loads its files by relative paths, so its address must end with a slash.
    else if (request.path === '/docs') response.redirect(302, '/docs/');
    // Its own handler would answer this path without a problem document.
    else if (request.path.includes('package.json')) unknown(request, response, next);
    else next();
  };
  return [whole, ...files, unknown];
}

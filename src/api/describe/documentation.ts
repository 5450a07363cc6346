import type { Express, RequestHandler } from 'express';
import swaggerUi from 'swagger-ui-express';
import { Problem } from '../problems/problem.ts';
import { PROBLEM_CODES, type ProblemCode, problemKind } from '../problems/problem-catalogue.ts';
import { requireJsonAdmitted } from '../server/content/negotiate.ts';
import { servePage } from '../server/pages/serve-page.ts';

/** Swagger UI styles its elements in place; nothing is loaded from another host. */
const SECURITY_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'";

/** Serves the description of the API, Swagger UI over it, and a page for each problem type. */
export function registerDocumentation(app: Express, description: object): void {
  servePage(
    app,
    { paths: ['/openapi.json'], route: '/openapi.json' },
    requireJsonAdmitted,
    (_request, response) => {
      response.json(description);
    },
  );
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

/** Its page at /docs/, its files below, and nothing else. */
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
    // It looks for its files by what comes after the place that it is mounted at.
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
    // What the page loads is named relative to it.
    else if (request.path === '/docs') response.redirect(302, '/docs/');
    // Its own handler would answer this one, without a problem document.
    else if (request.path.includes('package.json')) unknown(request, response, next);
    else next();
  };
  return [whole, ...files, unknown];
}

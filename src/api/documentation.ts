import type { Express, NextFunction, Request, Response } from 'express';
import swaggerUi from 'swagger-ui-express';
import { factsOf } from './observe-request.ts';
import { Problem } from './problem.ts';
import { PROBLEM_CODES, type ProblemCode, problemKind } from './problem-catalogue.ts';

/** Serves the description of the API, Swagger UI over it, and a page for each problem type. */
export function registerDocumentation(app: Express, description: object): void {
  app.get('/openapi.json', (_request, response) => {
    factsOf(response).route = '/openapi.json';
    response.json(description);
  });

  app.use(
    '/docs',
    (_request: Request, response: Response, next: NextFunction) => {
      factsOf(response).route = '/docs';
      // Swagger UI styles its elements in place; nothing is loaded from another host.
      response.setHeader(
        'Content-Security-Policy',
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
      );
      next();
    },
    swaggerUi.serve,
    swaggerUi.setup(undefined, {
      customSiteTitle: 'Tollgate API',
      swaggerOptions: {
        url: '/openapi.json',
        tryItOutEnabled: true,
        validatorUrl: null,
        displayRequestDuration: true,
      },
    }),
  );

  app.get('/problems/:code', (request, response) => {
    factsOf(response).route = '/problems/{code}';
    const code = PROBLEM_CODES.find((known): known is ProblemCode => known === request.params.code);
    if (!code) throw new Problem('not-found');
    response.json({ type: `/problems/${code}`, ...problemKind(code) });
  });
}

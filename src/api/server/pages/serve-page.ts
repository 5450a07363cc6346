import type { Express, RequestHandler } from 'express';
import { noteRoute } from '../observe-request.ts';
import { refuseMethod } from '../refuse-method.ts';

const METHODS = ['GET'];

/**
 * Serves a read-only page that is not an operation. Any other method gets the list of supported methods.
 * @param route the name of all `paths` in metrics.
 */
export function servePage(
  app: Express,
  { paths, route }: { readonly paths: readonly string[]; readonly route: string },
  ...handlers: RequestHandler[]
): void {
  const registered = app.route([...paths]);
  registered.all((request, response, next) => {
    noteRoute(request, response, { route, methods: METHODS });
    next();
  });
  registered.get(...handlers);
  registered.all(refuseMethod(METHODS));
}

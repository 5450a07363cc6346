import type { Express, RequestHandler } from 'express';
import { noteRoute } from '../observe-request.ts';
import { refuseMethod } from '../refuse-method.ts';

const METHODS = ['GET'];

/**
 * Serves what is read only and no operation. Other methods are answered with what is allowed there.
 * @param route what metrics call all of `paths`.
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

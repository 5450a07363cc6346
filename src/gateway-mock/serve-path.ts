import type { RequestHandler, Router } from 'express';
import type { createPlainGuards } from '../http/plain-guards.ts';

export type PlainGuards = ReturnType<typeof createPlainGuards>;
type Method = 'get' | 'post' | 'put' | 'delete';

/**
 * Serves the methods of a path, and answers others with a list of these. Pages of other sites may only read.
 * @param isControl whether this is a control route, which answers only under a name of this machine or an allowed host.
 */
export function servePath(
  router: Router,
  path: string,
  {
    handlers,
    guards,
    isControl = false,
  }: {
    readonly handlers: Readonly<Partial<Record<Method, RequestHandler>>>;
    readonly guards: PlainGuards;
    readonly isControl?: boolean;
  },
): void {
  const route = router.route(path);
  if (isControl) route.all(guards.refuseForeignHosts);
  for (const [method, handler] of Object.entries(handlers) as [Method, RequestHandler][])
    route[method](...(method === 'get' ? [] : [guards.refuseForeignPages]), handler);
  route.all(guards.refuseMethod(Object.keys(handlers).map((method) => method.toUpperCase())));
}

import type { RequestHandler, Router } from 'express';
import type { createPlainGuards } from '../http/plain-guards.ts';

export type PlainGuards = ReturnType<typeof createPlainGuards>;
type Method = 'get' | 'post' | 'put' | 'delete';

/**
 * Serves what a path has, and tells another method what that is. What changes something is not for a page of another site.
 * @param isControl whether no gateway has it: then it is for whoever names this machine, or a host that was allowed.
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

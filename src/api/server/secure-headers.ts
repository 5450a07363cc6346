import type { RequestHandler } from 'express';
import { hardeningHeaders } from '../../http/hardening-headers.ts';
import type { Config } from '../../process/settings/config.ts';

/** The headers of every answer; the console and the documentation set a policy of their own. */
export function secureHeaders({ service }: Pick<Config, 'service'>): RequestHandler[] {
  const keepOutOfCaches: RequestHandler = (_request, response, next) => {
    // Balances and answers to payments belong in no cache.
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
  return [hardeningHeaders({ isProduction: service.environment === 'production' }), keepOutOfCaches];
}

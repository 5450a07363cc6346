import type { RequestHandler } from 'express';
import { hardeningHeaders } from '../../http/hardening-headers.ts';
import type { Config } from '../../process/settings/config.ts';

/** The security headers of every answer. The console and the documentation set their own policy. */
export function secureHeaders({ service }: Pick<Config, 'service'>): RequestHandler[] {
  const keepOutOfCaches: RequestHandler = (_request, response, next) => {
    // No cache may store balances or payment answers.
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
  return [hardeningHeaders({ isProduction: service.environment === 'production' }), keepOutOfCaches];
}

import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Config } from '../shared/config.ts';

/**
 * Headers that tell a browser what not to do with an answer. The policy is that of data, which loads nothing; the console
 * and the documentation set their own.
 */
export function secureHeaders({ service }: Pick<Config, 'service'>): RequestHandler[] {
  const harden = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // It holds for a whole name, and one like localhost has other services that know no TLS.
    strictTransportSecurity: service.environment === 'production' ? { includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
  });
  const keepOutOfCaches: RequestHandler = (_request, response, next) => {
    // Balances and answers to payments belong in no cache.
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
  return [harden, keepOutOfCaches];
}

import helmet from 'helmet';

/**
 * Headers that tell a browser what not to do with an answer. The policy is for data, which loads nothing.
 * @param isProduction whether clients reach the host over TLS only.
 */
export function hardeningHeaders({ isProduction }: { readonly isProduction: boolean }) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // HSTS applies to a whole host name, and a name like localhost has other services without TLS.
    strictTransportSecurity: isProduction ? { includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
  });
}

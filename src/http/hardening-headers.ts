import helmet from 'helmet';

/**
 * Headers that tell a browser what not to do with an answer. The policy is that of data, which loads nothing.
 * @param isProduction whether the host is one that is spoken to over TLS only.
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
    // It holds for a whole name, and one like localhost has other services that know no TLS.
    strictTransportSecurity: isProduction ? { includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
  });
}

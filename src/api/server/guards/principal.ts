/** Who sent a request, as far as that is proved and not just claimed. */
export type Principal =
  | { readonly kind: 'anonymous' }
  /** Someone on the API's own machine, when no token is set. */
  | { readonly kind: 'local' }
  /** Someone with the operator token. Everyone has the same token, so it proves no name. */
  | { readonly kind: 'operator' };

/** The name that is recorded for an action if the request names nobody. */
export function actorOf(principal: Principal): string {
  switch (principal.kind) {
    case 'operator':
      return 'operator';
    case 'local':
      return 'local operator';
    case 'anonymous':
      return 'api';
  }
}

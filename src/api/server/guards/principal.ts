/** Who sends a request, as far as it is proved and not only said. */
export type Principal =
  | { readonly kind: 'anonymous' }
  /** Whoever is on the machine of the API, where no token is set. */
  | { readonly kind: 'local' }
  /** Whoever has the operator token. All have the same one, so that nobody has a name. */
  | { readonly kind: 'operator' };

/** Whom a record of something that was done names, where the request names nobody. */
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

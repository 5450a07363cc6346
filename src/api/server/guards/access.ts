/** Who may call an operation: anyone who can reach it, or only operators (with the token if one is set, otherwise on this machine). */
export type Access = 'anyone' | 'operator';

/** The same for every request, or decided by what the request asks for. */
export type AccessRule<Input> = Access | ((input: Input) => Access);

type Ruled = { readonly access: AccessRule<never> };

/** Whether every request needs an operator, so that clients' listeners need not serve the operation at all. */
export function isForOperatorsOnly({ access }: Ruled): boolean {
  return access === 'operator';
}

/** Whether some requests need an operator and others do not. */
export function isForOperatorsAtTimes({ access }: Ruled): boolean {
  return typeof access === 'function';
}

/** Who may send this request. */
export function accessOf<Input>(rule: AccessRule<Input>, input: Input): Access {
  return typeof rule === 'function' ? rule(input) : rule;
}

/** Who may call an operation: whoever reaches it, or operators (on this machine, or with the token where one is set). */
export type Access = 'anyone' | 'operator';

/** The same for every request, or read from what one asks for. */
export type AccessRule<Input> = Access | ((input: Input) => Access);

type Ruled = { readonly access: AccessRule<never> };

/** Whether no request of others is answered, so that they need not find it. */
export function isForOperatorsOnly({ access }: Ruled): boolean {
  return access === 'operator';
}

/** Whether some requests are for operators, and others for everybody. */
export function isForOperatorsAtTimes({ access }: Ruled): boolean {
  return typeof access === 'function';
}

/** Who may send this request. */
export function accessOf<Input>(rule: AccessRule<Input>, input: Input): Access {
  return typeof rule === 'function' ? rule(input) : rule;
}

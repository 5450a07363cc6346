/** The value of the Allow header for a path. GET implies HEAD. */
export function renderAllow(methods: readonly string[]): string {
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
}

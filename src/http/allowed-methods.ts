/** What the header Allow says of a path. Where there is GET there is HEAD. */
export function renderAllow(methods: readonly string[]): string {
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
}

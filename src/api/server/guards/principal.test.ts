import { actorOf, type Principal } from './principal.ts';

test.each<[Principal, string]>([
  [{ kind: 'operator' }, 'operator'],
  [{ kind: 'local' }, 'local operator'],
  [{ kind: 'anonymous' }, 'api'],
])('%j is named as %s where a request names nobody', (principal, actor) => {
  expect(actorOf(principal)).toBe(actor);
});

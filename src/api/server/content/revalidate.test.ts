import { entityTagOf, isInHand } from './revalidate.ts';

const tag = entityTagOf('{"status":"processing"}');

test.each([
  ['the tag', tag],
  ['a weak form of it', `W/${tag}`],
  ['a list with it', `"other", W/"a,b", ${tag}`],
  ['a list without spaces', `"other",${tag},"more"`],
  ['a list with rubbish', `rubbish, , ${tag}`],
  ['anything', '*'],
])('%s matches the current tag', (_what, header) => {
  expect(isInHand(header, tag)).toBe(true);
});

test.each([
  ['no header', undefined],
  ['an empty one', ''],
  ['another tag', '"other"'],
  ['the tag without quotes', tag.slice(1, -1)],
  ['a star in a list', '"other", *'],
  ['a tag in quotes', '"*"'],
  ['the tag in other letters', tag.toUpperCase() === tag ? tag.toLowerCase() : tag.toUpperCase()],
])('%s does not match the current tag', (_what, header) => {
  expect(isInHand(header, tag)).toBe(false);
});

test('different texts have different tags, all valid in a header', () => {
  expect(entityTagOf('{"status":"success"}')).not.toBe(tag);
  expect(tag).toMatch(/^"[\w-]{27}"$/);
});

import { hasInvisible, isVisible, NAME_PATTERN, VISIBLE_TEXT_PATTERN } from './visible-text.ts';

const INVISIBLE = {
  'zero-width space': '\u200b',
  'zero-width joiner': '\u200d',
  'zero-width non-joiner': '\u200c',
  'word joiner': '\u2060',
  'byte-order mark': '\ufeff',
  'soft hyphen': '\u00ad',
  'no-break space': '\u00a0',
  'ideographic space': '\u3000',
  'right-to-left override': '\u202e',
  'Hangul filler': '\u3164',
  'combining grapheme joiner': '\u034f',
  'variation selector': '\ufe0f',
  'Mongolian vowel separator': '\u180e',
  'blank Braille': '\u2800',
  'line separator': '\u2028',
  'tag letter': '\u{e0061}',
  tab: '\t',
  newline: '\n',
  delete: '\u007f',
};

test.each(Object.entries(INVISIBLE))(
  'a text of nothing but the %s is empty, and a name has no place for it',
  (_name, letter) => {
    expect(isVisible(` ${letter}${letter} `)).toBe(false);
    expect(hasInvisible(`an${letter}a`)).toBe(true);
  },
);

test.each(['ana', 'Ana María Ó Súilleabháin', '北京', 'علي', 'evt_1', '-', '42', '🙂'])(
  '%s is a name',
  (name) => {
    expect(isVisible(name)).toBe(true);
    expect(hasInvisible(name)).toBe(false);
  },
);

test('a text may join letters and break lines', () => {
  expect(isVisible('line 12\nof the statement')).toBe(true);
  expect(isVisible('👩\u200d💻')).toBe(true);
});

test('what counts as invisible is what Unicode says of each character', () => {
  const byUnicode = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/u;
  const others: string[] = [];
  for (let code = 0; code <= 0x10_ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (hasInvisible(character) !== byUnicode.test(character)) others.push(code.toString(16));
  }
  expect(others).toEqual([]);
});

test('the patterns that are shown to clients say the same', () => {
  const name = new RegExp(NAME_PATTERN, 'u');
  const text = new RegExp(VISIBLE_TEXT_PATTERN, 'u');
  for (const letter of Object.values(INVISIBLE)) {
    expect(name.test(`an${letter}a`)).toBe(false);
    expect(text.test(`${letter} `)).toBe(false);
    expect(text.test(`an${letter}a`)).toBe(true);
  }
  for (const given of ['', ' ', 'a\0b']) {
    expect(name.test(given)).toBe(false);
    expect(text.test(given)).toBe(false);
  }
  expect(name.test('  Ana María 🙂 ')).toBe(true);
  expect(text.test('line 12\nof the statement')).toBe(true);
});

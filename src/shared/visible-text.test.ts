import { hasInvisible, isVisible } from './visible-text.ts';

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

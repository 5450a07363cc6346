import fc from 'fast-check';
import { cutText, storableText } from './text.ts';

const anyText = fc
  .array(fc.oneof(fc.string(), fc.constantFrom('\ud83d', '\ude00', '😀', '\0', 'a', 'ß')))
  .map((parts) => parts.join(''));

test('a cut counts characters and never leaves half of one', () => {
  expect(cutText('😀😀😀', 2)).toBe('😀😀');
  expect(cutText('a😀b', 2)).toBe('a😀');
  expect(cutText('abc', 3)).toBe('abc');
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 20 }), (text, most) => {
      expect(cutText(text, most)).toBe([...text].slice(0, most).join(''));
    }),
  );
});

test('text that can be stored is well formed and without NUL, and other text stays as it is', () => {
  expect(storableText('a\0b\ud83dc')).toBe('a\ufffdb\ufffdc');
  fc.assert(
    fc.property(anyText, (text) => {
      const stored = storableText(text, 10);
      expect(stored.isWellFormed()).toBe(true);
      expect(stored).not.toContain('\0');
      if (text.isWellFormed() && !text.includes('\0')) expect(stored).toBe(cutText(text, 10));
    }),
  );
});

import { useEffect } from 'preact/hooks';
import { navigate } from './route.ts';

/** Where a person writes; a checkbox, a list of choices and a button are not such places. */
const TEXT_FIELDS =
  'textarea, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"], [type="range"])';

/** The keys 1, 2, 3 and so on open the pages, and / goes to the search field; not while text is written or a dialog asks. */
export function useShortcuts(pages: readonly string[]): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const isTyping = event.target instanceof Element && event.target.closest(TEXT_FIELDS) !== null;
      if (isTyping || document.querySelector('dialog[open]')) return;
      const page = pages[Number(event.key) - 1];
      if (page !== undefined) {
        // A list of choices that has the focus would go to the choice that begins so.
        event.preventDefault();
        navigate(`/${page}`);
      } else if (event.key === '/') {
        const search = document.querySelector<HTMLElement>('[data-search]');
        if (!search) return;
        event.preventDefault();
        search.focus();
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

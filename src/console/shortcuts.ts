import { useEffect } from 'preact/hooks';
import { navigate } from './route.ts';

/** Elements for typing text; checkboxes, selects and buttons are not among them. */
const TEXT_FIELDS =
  'textarea, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"], [type="range"])';

/** The keys 1, 2, 3 and so on open the pages, and / goes to the search field, unless a person is typing or a dialog is open. */
export function useShortcuts(pages: readonly string[]): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const isTyping = event.target instanceof Element && event.target.closest(TEXT_FIELDS) !== null;
      if (isTyping || document.querySelector('dialog[open]')) return;
      const page = pages[Number(event.key) - 1];
      if (page !== undefined) {
        // Otherwise a focused select would jump to the option that starts with this character.
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

const WATCH_MS = 5000;

/**
 * Returns the focus to the element that had it before a dialog opened. If that element is gone, or disappears because of the action, the
 * focus moves to the page's main part, so that keyboard users do not start again at the top of the window.
 */
export function returnFocus(to: Element | null): void {
  const focusPage = () => document.getElementById('main')?.focus({ preventScroll: true });
  const isLost = () => document.activeElement === null || document.activeElement === document.body;
  if (to instanceof HTMLElement && to.isConnected && to !== document.body) to.focus();
  if (isLost()) focusPage();

  const watch = new MutationObserver(() => {
    if (isLost()) focusPage();
  });
  watch.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => watch.disconnect(), WATCH_MS);
}

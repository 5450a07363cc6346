const WATCH_MS = 5000;

/**
 * Gives the focus back to what had it before a dialog opened. Where that is gone, or goes away because of what was done,
 * the focus goes to the page, so that the keyboard does not start again at the top of the window.
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

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findChromium } from '../support/chromium.ts';

export const PATIENCE_MS = 45_000;

const isInstalled = findChromium() !== undefined;
if (!isInstalled) {
  process.stderr.write(
    'Skipped: the console in a real browser, because no Chromium is installed here (Debian: apt-get install chromium).\n',
  );
}
/** `describe`, or a skipped one where there is no browser. Where everything must run, what is missing is a failure. */
export const inBrowser = isInstalled || process.env.CI === 'true' ? describe : describe.skip;

/** A tab of its own, and what the browser complains of in it: errors, refused content, requests to elsewhere. */
export async function openContext(browser: Browser, origin: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({
    viewport: { width: 1180, height: 820 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // An answer that is a problem is shown on the page; the browser writes it here as well.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      complaints.push(`request to ${request.url()}`);
  });
  return { context, page, complaints };
}

/**
 * Resolves once the page of the address shows what it has loaded. Another address within the console loads no document, so the browser has nothing to wait
 * for: the new page is drawn within two frames, and then says that it is busy until its lists are there.
 */
export async function whenShown(page: Page): Promise<void> {
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  await page.locator('main h1').waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** Runs in the page: what makes it scroll sideways, and by how much; nothing when it does not. */
export const FIND_WIDE = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
    .slice(0, 5)
    .map((element) => element.tagName + '.' + element.className + ' ' + Math.round(element.getBoundingClientRect().right));
})()`;

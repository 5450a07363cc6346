import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { inBrowser, openContext } from './console-browser.ts';
import { type ConsoleStack, startConsoleStack } from './console-stack.ts';

/** What the tests of one file share, and the tab of the test that runs. Read it inside tests: it changes with each. */
export interface ConsoleTab {
  readonly stack: ConsoleStack;
  readonly browser: Browser;
  readonly page: Page;
  /** Opens a page of the console by what stands behind its `#`. */
  readonly open: (place: string) => Promise<unknown>;
  /** Waits until a text can be seen. */
  readonly see: (text: string | RegExp) => Promise<void>;
  readonly dialogIsGone: () => Promise<void>;
}

/**
 * Tests of the console in a browser: one stack for all of them, and for each a tab of its own, in which nothing may be complained of.
 * Skipped where there is no browser.
 */
export function describeConsole(
  name: string,
  { settings }: { readonly settings?: Record<string, string> },
  declareTests: (tab: ConsoleTab) => void,
): void {
  inBrowser(name, () => {
    let stack: ConsoleStack;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let complaints: string[];

    beforeAll(async () => {
      [stack, browser] = await Promise.all([startConsoleStack(settings), launchChromium()]);
    });
    beforeEach(async () => {
      ({ context, page, complaints } = await openContext(browser, stack.api.origin));
    });
    afterEach(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
      await stack?.stop();
    });

    declareTests({
      get stack() {
        return stack;
      },
      get browser() {
        return browser;
      },
      get page() {
        return page;
      },
      open: (place) => page.goto(`${stack.api.origin}/console/#${place}`),
      see: (text) => page.getByText(text).first().waitFor(),
      dialogIsGone: () => page.getByRole('dialog').waitFor({ state: 'detached' }),
    });
  });
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Express, RequestHandler } from 'express';
import { currencyScale, knownCurrencies } from '../../../money/currency.ts';
import { Problem } from '../../problems/problem.ts';
import { entityTagOf, isInHand } from '../content/revalidate.ts';
import { servePage } from './serve-page.ts';
import { stripTypes } from './strip-types.ts';

const SOURCE = path.resolve(import.meta.dirname, '..', '..', '..', 'console');
const PACKAGES = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'node_modules');
const BASE = '/console';

/** Packages that the console imports by name, and third-party styles: their URL below BASE and their file in node_modules. */
const PACKAGE_FILES: Readonly<Record<string, { readonly url: string; readonly file: string }>> = {
  preact: { url: 'lib/preact.js', file: 'preact/dist/preact.mjs' },
  'preact/hooks': { url: 'lib/preact-hooks.js', file: 'preact/hooks/dist/hooks.mjs' },
  htm: { url: 'lib/htm.js', file: 'htm/dist/htm.module.js' },
  uplot: { url: 'lib/uplot.js', file: 'uplot/dist/uPlot.esm.js' },
  'uplot.css': { url: 'lib/uplot.css', file: 'uplot/dist/uPlot.min.css' },
  'pico.css': { url: 'lib/pico.css', file: '@picocss/pico/css/pico.min.css' },
};

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.ts': 'text/javascript',
};

interface ServedFile {
  readonly body: Buffer;
  readonly mediaType: string;
  readonly etag: string;
}

/**
 * Serves the console: its TypeScript with the types stripped, and the packages it uses straight from node_modules, so that there is nothing
 * to build. The files are read at the first visit and then kept in memory.
 */
export function registerConsole(app: Express, requireVisitor: RequestHandler): void {
  let loaded: ReturnType<typeof loadConsole> | undefined;

  const paths = [BASE, `${BASE}/*file`];
  servePage(app, { paths, route: BASE }, requireVisitor, (request, response) => {
    if (request.path === BASE) {
      // Relative URLs on the page start from here.
      response.redirect(302, `${BASE}/`);
      return;
    }
    loaded ??= loadConsole();
    const file = loaded.files.get(request.path.slice(BASE.length + 1) || 'index.html');
    if (!file) throw new Problem('not-found');
    response.setHeader('Content-Security-Policy', loaded.securityPolicy);
    response.setHeader('X-Frame-Options', 'DENY');
    // The file changes only with the version; the browser revalidates it each time.
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('ETag', file.etag);
    if (isInHand(request.headers['if-none-match'], file.etag)) response.status(304).end();
    else response.type(`${file.mediaType}; charset=utf-8`).send(file.body);
  });
}

function loadConsole() {
  const files = new Map<string, ServedFile>();
  for (const { url, file } of Object.values(PACKAGE_FILES))
    files.set(url, readServed(path.join(PACKAGES, file)));
  for (const name of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }))
    if (MEDIA_TYPES[path.extname(name)] && !name.endsWith('.test.ts'))
      files.set(name.split(path.sep).join('/'), readServed(path.join(SOURCE, name)));

  const importMap = renderImportMap();
  const page = readFileSync(path.join(SOURCE, 'index.html'), 'utf8')
    .replace('"importmap">{}<', () => `"importmap">${importMap}<`)
    .replace('"currency-decimals" content=""', () => `"currency-decimals" content="${renderDecimals()}"`);
  files.set('index.html', toServed(Buffer.from(page), '.html'));
  return { files, securityPolicy: renderSecurityPolicy(importMap) };
}

function renderImportMap(): string {
  const imports = Object.entries(PACKAGE_FILES)
    .filter(([, { url }]) => url.endsWith('.js'))
    .map(([name, { url }]) => [name, `./${url}`]);
  return JSON.stringify({ imports: Object.fromEntries(imports) });
}

/** The currencies that do not have two decimals: `BIF=0 CLP=0 ...`. */
function renderDecimals(): string {
  return knownCurrencies()
    .filter((currency) => currencyScale(currency) !== 2)
    .map((currency) => `${currency}=${currencyScale(currency)}`)
    .join(' ');
}

/** Nothing is loaded from or sent to another site. The import map is the only inline script, allowed by its digest. */
function renderSecurityPolicy(importMap: string): string {
  const digest = createHash('sha256').update(importMap).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${digest}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function readServed(file: string): ServedFile {
  const extension = path.extname(file);
  const bytes = readFileSync(file);
  const body = extension === '.ts' ? Buffer.from(stripTypes(bytes.toString('utf8'))) : bytes;
  return toServed(body, extension);
}

function toServed(body: Buffer, extension: string): ServedFile {
  return { body, mediaType: MEDIA_TYPES[extension] ?? 'text/javascript', etag: entityTagOf(body) };
}

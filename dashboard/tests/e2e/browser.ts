// A real Chromium, a server on loopback, and what every end-to-end test does with them.
import axe from 'axe-core';
import {chromium, type Browser, type Page} from 'playwright-core';
import {createReadStream, existsSync, mkdtempSync, rmSync, statSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import {tmpdir} from 'node:os';
import {extname, join, normalize} from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
};

export interface Served {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Serves a folder below /some/sub/path/, as a project page of a static host does. */
export function serve(folder: string): Promise<Served> {
  const prefix = '/some/sub/path/';
  const server: Server = createServer((request, response) => {
    const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0]!));
    const file = join(
      folder,
      path.startsWith(prefix) ? path.slice(prefix.length) || 'index.html' : '\0',
    );
    if (
      path.includes('..') ||
      !path.startsWith(prefix) ||
      !existsSync(file) ||
      !statSync(file).isFile()
    ) {
      response.writeHead(404).end('no such file');
      return;
    }
    response.writeHead(200, {'content-type': TYPES[extname(file)] ?? 'application/octet-stream'});
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      resolve({
        url: `http://127.0.0.1:${port}${prefix}`,
        close: () =>
          new Promise((done) => {
            server.closeAllConnections();
            server.close(() => done());
          }),
      });
    });
  });
}

export function chromiumPath(): string {
  const path =
    process.env['CHROMIUM'] ??
    ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (!path)
    throw new Error(
      'no Chromium on this system: install the package chromium, or name one in CHROMIUM',
    );
  return path;
}

export async function launch(): Promise<{browser: Browser; close: () => Promise<void>}> {
  const profile = mkdtempSync(join(tmpdir(), 'inferometer-chromium-'));
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disk-cache-dir=${profile}`,
    ],
  });
  return {
    browser,
    close: async () => {
      await browser.close();
      rmSync(profile, {recursive: true, force: true});
    },
  };
}

export interface Opened {
  readonly page: Page;
  readonly errors: string[];
  readonly requests: string[];
  readonly close: () => Promise<void>;
}

export interface Look {
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly script?: string; // run before the page's own
}

/** A page at a place; errors and requests are kept, for the test to judge. */
export async function open(browser: Browser, url: string, look: Look = {}): Promise<Opened> {
  const context = await browser.newContext({
    colorScheme: look.dark ? 'dark' : 'light',
    viewport: {width: look.width ?? 1280, height: look.height ?? 900},
    acceptDownloads: true,
  });
  if (look.script) await context.addInitScript(look.script);
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url, {waitUntil: 'load'});
  return {page, errors, requests, close: () => context.close()};
}

/** What axe-core calls serious or critical on a page. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const result = await (
      window as unknown as {
        axe: {
          run: (
            options: object,
          ) => Promise<{violations: {id: string; impact: string; nodes: {html: string}[]}[]}>;
        };
      }
    ).axe.run({resultTypes: ['violations'], selectors: false, iframes: false});
    return result.violations
      .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
      .map((violation) => `${violation.id}: ${violation.nodes[0]?.html.slice(0, 160) ?? ''}`);
  });
  return found;
}

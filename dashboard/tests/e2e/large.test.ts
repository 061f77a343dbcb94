// 100,000 results: what is there at once, how long a filter takes, how much memory it needs. Times are written to
// the log and not judged: a busy machine would fail for no fault of the page.
import type {Browser} from 'playwright-core';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {launch, open, serve, type Served} from './browser';
import {LARGE, largeIsThere, sites} from './sites';

let browser: Browser;
let close: () => Promise<void>;
let served: Served;

beforeAll(async () => {
  expect(await largeIsThere()).toBe(0);
  ({browser, close} = await launch());
  served = await serve(sites.large);
});
afterAll(async () => {
  await served?.close();
  await close?.();
});

test(`${LARGE.toLocaleString('en')} results`, async () => {
  // When the first row is on the page, by the page's own clock.
  const opened = await open(browser, served.url, {
    script: `new MutationObserver((_, observer) => {
    if (!document.querySelector('tbody tr')) return;
    observer.disconnect();
    requestAnimationFrame(() => { window.firstRows = performance.now(); });
  }).observe(document, {childList: true, subtree: true});`,
  });
  const {page} = opened;
  await page.waitForSelector('tbody tr');
  await page.waitForFunction(() => 'firstRows' in window);
  const first = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
    rows: (window as unknown as {firstRows: number}).firstRows,
  }));
  await page.waitForFunction(
    () => !document.querySelector('.status')?.textContent?.startsWith('Reading'),
    undefined,
    {timeout: 60_000},
  );
  const all = await page.evaluate(() => performance.now());
  expect(await page.textContent('footer')).toContain(LARGE.toLocaleString('en'));
  const devices = await page.$$eval(
    ':not(.apart) > .scroll > table.leader tbody tr',
    (rows) => rows.length,
  );
  expect(devices).toBe(50); // a page of the table, however many there are

  const filters: number[] = [];
  for (const id of ['phone', 'laptop', 'phone', 'laptop', 'server', 'server']) {
    filters.push(
      await page.evaluate(async (chip) => {
        const begin = performance.now();
        (document.querySelector(`.chip[data-id="${chip}"]`) as HTMLElement).click();
        document.body.getBoundingClientRect(); // layout is in the time
        return performance.now() - begin;
      }, id),
    );
  }
  const typed = await page.evaluate(() => {
    const input = document.querySelector('input[type="search"]') as HTMLInputElement;
    const begin = performance.now();
    input.value = 'invented phone';
    input.dispatchEvent(new Event('input'));
    document.body.getBoundingClientRect();
    return performance.now() - begin;
  });
  expect(
    await page.$$eval(':not(.apart) > .scroll > table.leader tbody th a', (links) =>
      links.every((link) => link.textContent?.startsWith('Invented Phone')),
    ),
  ).toBe(true);
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const heap = ((await session.send('Runtime.getHeapUsage')) as {usedSize: number}).usedSize;
  console.log(
    `${LARGE} results: first paint ${first.paint.toFixed(0)} ms, first rows ${first.rows.toFixed(0)} ms, all of the model ${all.toFixed(0)} ms; ` +
      `filters ${filters.map((ms) => ms.toFixed(0)).join(', ')} ms, search ${typed.toFixed(0)} ms; heap ${(heap / 1e6).toFixed(0)} MB`,
  );
  expect(opened.errors).toEqual([]);
  await opened.close();
});

// Every view over loopback below a sub-path, in both themes, on a desktop and a phone: no error, no request to
// anybody else, nothing wider than the window, nothing that axe-core calls serious. Pictures are kept.
import {join} from 'node:path';
import type {Browser} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {launch, open, seriousFindings, serve, type Served} from './browser';
import {shots, sites} from './sites';

let browser: Browser;
let close: () => Promise<void>;
let served: Served;
let groups: string[] = [];

beforeAll(async () => {
  ({browser, close} = await launch());
  served = await serve(sites.demo);
  const opened = await open(browser, served.url + '#/leaderboard?class=laptop');
  await opened.page.waitForSelector('tbody tr');
  groups = await opened.page.$$eval('tbody tr', (rows) =>
    rows.map((row) => row.getAttribute('data-group') ?? ''),
  );
  await opened.close();
});
afterAll(async () => {
  await served?.close();
  await close?.();
});

const LOOKS = [
  ['light', {}],
  ['dark', {dark: true}],
  ['phone', {width: 390, height: 844}],
] as const;

const VIEWS: readonly (readonly [string, () => string, string])[] = [
  ['leaderboard', () => '', 'tbody tr'],
  [
    'device',
    () => `#/device/${groups[0]!.split('|')[0]!}?g=${encodeURIComponent(groups[0]!)}`,
    '.rows tbody tr',
  ],
  [
    'compare',
    () => `#/compare?g=${encodeURIComponent(groups.slice(0, 3).join(','))}`,
    '.compare tbody tr',
  ],
  ['explore', () => '#/explore', '.scatter'],
  ['heat', () => '#/explore?kind=heat', '.heat tbody tr'],
  [
    'histogram',
    () => `#/explore?kind=histogram&me=${encodeURIComponent(groups[0]!)}`,
    '.mine-name',
  ],
  ['cloud', () => '#/cloud', '.map'],
  ['trends', () => '#/trends', '.curve canvas'],
  ['yours', () => '#/yours', '.drop'],
];

describe.concurrent.each(VIEWS)('%s', (name, hash, ready) => {
  test.each(LOOKS)('%s', async (look, options) => {
    const opened = await open(browser, served.url + hash(), options);
    const {page} = opened;
    await page.waitForSelector(ready);
    await page.waitForTimeout(200);
    await page.screenshot({path: join(shots, `${name}-${look}.png`), fullPage: true});
    expect(opened.errors).toEqual([]);
    expect(
      opened.requests.filter(
        (url) =>
          !url.startsWith(served.url) && !url.startsWith('data:') && !url.startsWith('blob:'),
      ),
    ).toEqual([]);
    expect(
      await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ),
    ).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
    await opened.close();
  });

  test('opens from disk', async () => {
    const opened = await open(browser, `file://${join(sites.demo, 'index.html')}${hash()}`);
    await opened.page.waitForSelector(ready);
    expect(opened.errors).toEqual([]);
    await opened.close();
  });
});

test('prints without its switches', async () => {
  const opened = await open(browser, served.url + VIEWS[1]![1]());
  await opened.page.waitForSelector('.rows tbody tr');
  await opened.page.emulateMedia({media: 'print'});
  expect(await opened.page.isVisible('nav[aria-label="Views"]')).toBe(false);
  expect(await opened.page.isVisible('.rows')).toBe(true);
  await opened.page.screenshot({path: join(shots, 'device-print.png'), fullPage: true});
  await opened.close();
});

// What readers do: filter, sort, go back, choose, compare, and share the URL of what they see.
import type {Browser} from 'playwright-core';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {launch, open, serve, type Opened, type Served} from './browser';
import {sites} from './sites';

let browser: Browser;
let close: () => Promise<void>;
let served: Served;

beforeAll(async () => {
  ({browser, close} = await launch());
  served = await serve(sites.demo);
});
afterAll(async () => {
  await served?.close();
  await close?.();
});

async function at(hash: string, ready: string): Promise<Opened> {
  const opened = await open(browser, served.url + hash);
  await opened.page.waitForSelector(ready);
  return opened;
}

const names = (opened: Opened): Promise<string[]> =>
  opened.page.$$eval(':not(.apart) > .scroll > table.leader tbody tr', (rows) =>
    rows.map((row) => row.getAttribute('data-group') ?? ''),
  );

test('a filter is in the URL, the URL is the filter, and back undoes it', async () => {
  const first = await at('', 'tbody tr');
  const all = await names(first);
  await first.page.click('.chip[data-id="phone"]');
  await first.page.waitForFunction(() => location.hash.includes('class=phone'));
  const phones = await names(first);
  expect(phones.length).toBeGreaterThan(0);
  expect(phones.length).toBeLessThan(all.length);
  const second = await at(new URL(first.page.url()).hash, 'tbody tr');
  expect(await names(second)).toEqual(phones);
  await first.page.goBack();
  await first.page.waitForFunction(() => !location.hash.includes('class'));
  expect(await names(first)).toEqual(all);
  await first.close();
  await second.close();
});

test('the search keeps the cursor in its field and finds by any word', async () => {
  const opened = await at('', 'tbody tr');
  await opened.page.click('input[type="search"]');
  await opened.page.keyboard.type('invented laptop');
  await opened.page.waitForFunction(
    () => document.querySelectorAll('table.leader tbody tr').length < 20,
  );
  expect(await opened.page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe(
    'invented laptop',
  );
  expect((await names(opened)).every((name) => name.includes('laptop'))).toBe(true);
  expect(opened.page.url()).toContain('q=invented+laptop');
  await opened.close();
});

test('ranking by another number and from the slow end', async () => {
  const opened = await at('', 'tbody tr');
  await opened.page.click('.chip[data-id="laptop"]'); // no more than one page of them
  await opened.page.waitForFunction(() => location.hash.includes('class=laptop'));
  await opened.page.selectOption('select[aria-label="Rank by"]', 'ttft_512');
  await opened.page.waitForFunction(() => location.hash.includes('by=ttft_512'));
  const best = await names(opened);
  expect(best.length).toBeGreaterThan(5);
  expect(await opened.page.isVisible('.pager')).toBe(false);
  await opened.page.click('.turn');
  await opened.page.waitForFunction(() => location.hash.includes('order=last'));
  expect(await names(opened)).toEqual([...best].reverse());
  await opened.close();
});

test('software renderers stand apart, without a place', async () => {
  const opened = await at('', 'tbody tr');
  await opened.page.click('.apart summary');
  const places = await opened.page.$$eval('.apart tbody .rank', (cells) =>
    cells.map((cell) => cell.textContent),
  );
  expect(places.length).toBeGreaterThan(0);
  expect(places.every((place) => place === '')).toBe(true);
  expect(opened.page.url()).toContain('apart=software'); // so the open part can be linked to
  await opened.close();
});

test('two chosen rows are compared, in words', async () => {
  const opened = await at('', 'tbody tr');
  for (const row of [1, 12])
    await opened.page.check(`table.leader tbody tr:nth-child(${row}) input[type="checkbox"]`);
  await opened.page.click('.compare-bar .button');
  await opened.page.waitForSelector('.compare tbody tr');
  expect(await opened.page.textContent('.verdicts')).toMatch(
    /Decode is .*(faster|slower|same|undecided)/,
  );
  expect(opened.errors).toEqual([]);
  await opened.close();
});

test('CPU and GPU of one machine are offered to compare', async () => {
  const first = await at('#/leaderboard?backend=vulkan&class=laptop', 'tbody tr');
  const group = (await names(first))[0]!;
  await first.close();
  const opened = await at(`#/compare?g=${encodeURIComponent(group)}`, '.note a');
  await opened.page.click('.note a');
  await opened.page.waitForSelector('.compare tbody tr');
  const heads = await opened.page.$$eval('.compare .arm', (cells) =>
    cells.map((cell) => cell.textContent ?? ''),
  );
  expect(heads[0]).toContain('Vulkan');
  expect(heads[1]).toContain('CPU');
  await opened.close();
});

test('a faster cloud wins more, and its numbers are in the URL', async () => {
  const opened = await at('#/cloud', '.map');
  const cells = (): Promise<number> =>
    opened.page.$$eval('.map .cell-device', (found) => found.length);
  const before = await cells();
  await opened.page.fill('input[aria-label="Time to first token in ms"]', '20');
  await opened.page.waitForFunction(
    (count) => document.querySelectorAll('.map .cell-device').length < count,
    before,
  );
  expect(opened.page.url()).toContain('ttft=20');
  const again = await at(new URL(opened.page.url()).hash, '.map');
  expect(await again.page.$$eval('.map .cell-device', (found) => found.length)).toBe(await cells());
  await opened.close();
  await again.close();
});

test('by keyboard alone: skip link, chips, rows', async () => {
  const opened = await at('', 'tbody tr');
  await opened.page.keyboard.press('Tab');
  expect(await opened.page.evaluate(() => document.activeElement?.textContent)).toBe(
    'Skip to the content',
  );
  await opened.page.focus('.chip[data-id="desktop"]');
  await opened.page.keyboard.press('Enter');
  await opened.page.waitForFunction(() => location.hash.includes('class=desktop'));
  expect(await opened.page.getAttribute('.chip[data-id="desktop"]', 'aria-pressed')).toBe('true');
  // The chip was built again, and the next key still goes to it.
  await opened.page.keyboard.press('Enter');
  await opened.page.waitForFunction(() => !location.hash.includes('class'));
  await opened.page.focus('table.leader tbody a');
  await opened.page.keyboard.press('Enter');
  await opened.page.waitForSelector('.device-page');
  await opened.close();
});

test('the theme is kept', async () => {
  const opened = await at('', '.theme');
  await opened.page.click('.theme');
  await opened.page.click('.theme');
  expect(await opened.page.getAttribute('html', 'data-theme')).toBe('dark');
  await opened.page.reload();
  expect(await opened.page.getAttribute('html', 'data-theme')).toBe('dark');
  await opened.close();
});

test('a view that does not exist, a device that does not exist: words, no error', async () => {
  const opened = await at('#/nonsense?x=%', 'h1');
  expect(await opened.page.textContent('h1')).toBe('Leaderboard');
  await opened.page.goto(served.url + '#/device/none');
  await opened.page.waitForFunction(
    () => document.querySelector('h1')?.textContent === 'No such device',
  );
  expect(opened.errors).toEqual([]);
  await opened.close();
});

test('without results the page says how to have the first', async () => {
  const empty = await serve(sites.empty);
  const opened = await open(browser, empty.url);
  await opened.page.waitForSelector('.empty');
  expect(await opened.page.textContent('.empty')).toContain('inferometer submit');
  for (const view of ['compare', 'explore', 'cloud', 'trends', 'yours']) {
    await opened.page.goto(`${empty.url}#/${view}`);
    await opened.page.waitForSelector(`.view-${view} h1`);
  }
  expect(opened.errors).toEqual([]);
  await opened.close();
  await empty.close();
});

test('a search without a find offers the way back', async () => {
  const opened = await at('#/leaderboard?q=zzz&class=phone', 'text=No device matches.');
  expect(await names(opened)).toEqual([]);
  await opened.page.click('text=Clear search and filters');
  await opened.page.waitForSelector('table.leader tbody tr');
  expect(opened.page.url()).not.toMatch(/q=|class=/);
  expect(await opened.page.inputValue('input[type="search"]')).toBe('');
  await opened.close();
});

test('an empty comparison offers pairs of one machine', async () => {
  const opened = await at('#/compare', 'text=Or one machine by two ways:');
  await opened.page.click('main ul a');
  await opened.page.waitForSelector('.compare tbody tr');
  const [a = '', b = ''] = await opened.page.$$eval('.cards li a', (all) =>
    all.map((one) => one.textContent ?? ''),
  );
  expect(a).toBe(b);
  expect(opened.errors).toEqual([]);
  await opened.close();
});

test('on a phone the open view is in sight of the strip of views', async () => {
  const opened = await open(browser, served.url + '#/trends', {width: 390, height: 844});
  await opened.page.waitForSelector('.curve canvas');
  const box = await opened.page.locator('nav[aria-label="Views"] [aria-current]').boundingBox();
  expect(box!.x).toBeGreaterThanOrEqual(0);
  expect(box!.x + box!.width).toBeLessThanOrEqual(390);
  await opened.close();
});

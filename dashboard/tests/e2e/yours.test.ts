// A file of the reader's own: good, bad and hostile; and the page that the program writes.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Browser} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {sampleText, withStrings} from '../unit/samples';
import {launch, open, seriousFindings, serve, type Opened, type Served} from './browser';
import {anyResult, shots, sites, work} from './sites';

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

const EVIL =
  '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"\'&lt;{{json}}</script><!--';

// Markup in every string that the schema leaves free.
function hostile(): string {
  const document = JSON.parse(anyResult()) as any;
  const free = (value: unknown): unknown => withStrings(value, () => EVIL);
  document.device = {...(free(document.device) as object), class: EVIL};
  document.tool = {...document.tool, version: EVIL, compiler: EVIL, flags: EVIL};
  document.run = {...document.run, id: EVIL, preset: EVIL};
  document.run.complete = false;
  document.run.incomplete = EVIL;
  document.warnings = [{id: 'x', message: EVIL, remedy: EVIL}];
  for (const row of document.records) {
    row.device = EVIL;
    row.backend = EVIL.slice(0, 60);
    row.workload = row.workload === 'decode' ? 'decode' : EVIL.slice(0, 60);
    row.model = {...row.model, name: EVIL, quant: EVIL.slice(0, 60)};
    row.params = {...row.params, store: EVIL};
    if (row.reason) row.reason = EVIL;
  }
  for (const ceiling of document.ceilings) ceiling.device = EVIL;
  for (const profile of document.profiles) {
    profile.device = EVIL;
    profile.model = EVIL;
    profile.quant = EVIL.slice(0, 60);
    for (const part of profile.parts) part.ops = part.kernel = EVIL;
  }
  return JSON.stringify(document);
}

async function drop(opened: Opened, name: string, text: string | Uint8Array): Promise<void> {
  await opened.page.setInputFiles('#result-file', {
    name,
    mimeType: 'application/json',
    buffer: Buffer.from(text as never),
  });
}

describe('your result', () => {
  test('a good file is shown beside the rest, and nothing leaves the page', async () => {
    const opened = await open(browser, served.url + '#/yours');
    const before = opened.requests.length;
    await drop(opened, 'mine.json', anyResult());
    await opened.page.waitForSelector('.device-page .plots');
    expect(await opened.page.textContent('[role="status"]')).toBe('mine.json is valid.');
    await opened.page.waitForSelector('.mine-name');
    expect(
      opened.requests.slice(before).filter((url) => !url.startsWith(served.url + 'data/')),
    ).toEqual([]);
    await opened.page.screenshot({path: join(shots, 'yours-dropped-light.png'), fullPage: true});
    await opened.page.click('text=Compare it with');
    await opened.page.waitForSelector('.cards li');
    expect(opened.errors).toEqual([]);
    await opened.close();
  });

  test('the same by dragging', async () => {
    const opened = await open(browser, served.url + '#/yours');
    const transfer = await opened.page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'dragged.json', {type: 'application/json'}));
      return data;
    }, sampleText);
    await opened.page.dispatchEvent('.drop', 'drop', {dataTransfer: transfer});
    await opened.page.waitForSelector('.device-page');
    expect(await opened.page.textContent('h1 >> nth=1')).toBe('Sample CPU 9000 <8-Core>');
    await opened.close();
  });

  test.each<[string, string | Uint8Array, string]>([
    ['not JSON', 'hello', 'not JSON'],
    ['not a result', '{"a": 1}', 'no Inferometer result'],
    ['a key twice', '{"a": 1, "a": 2}', 'twice'],
    ['too deep', '['.repeat(100_000), 'deeper'],
    ['not UTF-8', new Uint8Array([0xff, 0xfe, 0x00]), 'UTF-8'],
    ['50 MB of brackets', '['.repeat(50_000_000), 'deeper'],
  ])('%s is refused in words', async (name, text, reason) => {
    const opened = await open(browser, served.url + '#/yours');
    if (typeof text === 'string' && text.length > 1e6) {
      const file = join(work, 'large.json'); // more than fits a message to the browser
      writeFileSync(file, text);
      await opened.page.setInputFiles('#result-file', file);
    } else await drop(opened, `${name}.json`, text);
    await opened.page.waitForSelector('.error:not([hidden])');
    expect(await opened.page.textContent('.error')).toContain(reason);
    expect(opened.errors).toEqual([]);
    await opened.close();
  });

  test('markup in every string is text', async () => {
    const opened = await open(browser, served.url + '#/yours');
    await drop(opened, 'evil.json', hostile());
    await opened.page.waitForSelector('.device-page');
    await opened.page.waitForTimeout(300);
    expect(
      await opened.page.evaluate(() => (window as unknown as {hacked?: number}).hacked),
    ).toBeUndefined();
    expect(await opened.page.$$('.device-page img, .device-page script')).toEqual([]);
    expect(await opened.page.textContent('.parts .part-name')).toContain(EVIL);
    expect(await opened.page.textContent('.device-head h1')).toBe(EVIL);
    await opened.page.click('text=Compare it with');
    await opened.page.waitForSelector('.cards li');
    await opened.page.goto(served.url + '#/leaderboard?model=' + encodeURIComponent(EVIL));
    await opened.page.waitForSelector('tbody tr');
    expect(
      await opened.page.evaluate(() => (window as unknown as {hacked?: number}).hacked),
    ).toBeUndefined();
    expect(opened.errors).toEqual([]);
    await opened.close();
  });
});

describe('the report of the program', () => {
  const page = (): string => readFileSync(sites.report, 'utf8');
  const write = (name: string, json: string): string => {
    const file = join(work, name);
    writeFileSync(
      file,
      page().replace('{{json}}', () => json.replaceAll('<', '\\u003c')),
    );
    return 'file://' + file;
  };

  test('opens from disk with no request, in both themes', async () => {
    for (const dark of [false, true]) {
      const opened = await open(browser, write('report.html', anyResult()), {dark});
      await opened.page.waitForSelector('.device-page .plots canvas');
      await opened.page.waitForTimeout(200);
      await opened.page.screenshot({
        path: join(shots, `report-${dark ? 'dark' : 'light'}.png`),
        fullPage: true,
      });
      expect(opened.requests.length).toBe(1);
      expect(opened.errors).toEqual([]);
      await opened.close();
    }
  });

  test('shows where the time of a step goes, where that was profiled', async () => {
    const opened = await open(browser, write('profiled.html', anyResult()));
    await opened.page.waitForSelector('.stage');
    expect(
      await opened.page.$$eval('.stage h3', (all) => all.map((one) => one.textContent)),
    ).toEqual([
      'Prefill: 512 tokens, empty cache',
      'Decode: one token, empty cache',
      'Decode: one token after 2,048',
    ]);
    // The bar and the table say the same, and all of a step is there.
    for (const stage of await opened.page.$$('.stage')) {
      const widths = await stage.$$eval('.parts-bar rect', (all) =>
        all.map((one) => Number(one.getAttribute('width'))),
      );
      expect(widths.length).toBe((await stage.$$('.parts tbody tr')).length);
      expect(widths.reduce((sum, width) => sum + width, 0)).toBeGreaterThan(970);
    }
    expect(await seriousFindings(opened.page)).toEqual([]);
    await opened.close();
    const without = await open(browser, write('plain.html', sampleText));
    await without.page.waitForSelector('.device-page');
    expect(await without.page.$$('.stage')).toEqual([]);
    await without.close();
  });

  test('hostile text stays text', async () => {
    const opened = await open(browser, write('evil.html', hostile()));
    await opened.page.waitForSelector('.device-page');
    expect(await opened.page.textContent('.device-head h1')).toBe(EVIL);
    expect(
      await opened.page.evaluate(() => (window as unknown as {hacked?: number}).hacked),
    ).toBeUndefined();
    expect(opened.errors).toEqual([]);
    await opened.close();
  });

  test('a file without a result says so', async () => {
    const opened = await open(browser, write('none.html', '{}'));
    expect(await opened.page.textContent('.error')).toContain('cannot be shown');
    await opened.close();
  });
});

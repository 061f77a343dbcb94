// State in the URL, numbers for people, history, filters, shards, and that nothing parses HTML.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {hrefOf, listParam, numberParam, parsePlace, toggled, withParams} from '../../src/app/state';
import {applyFilter} from '../../src/data/filter';
import {Collection} from '../../src/data/groups';
import {entriesOf} from '../../src/data/entry';
import {binaryBytes, percent, quantity, ratioText} from '../../src/data/quantity';
import {levelsOf, trendsOf} from '../../src/data/trends';
import {linearTicks, logTicks} from '../../src/ui/scale';
import {heatClass} from '../../src/ui/heatmap';
import {Random} from '../../tools/random';
import {scriptOf, shardsOf} from '../../tools/data';
import {syntheticHistory} from '../../tools/synthetic';
import {metricsOf} from '../../tools/generate.mjs';
import {repeatCommand} from '../../src/device/facts';
import {invented, sample} from './samples';
import {shortSystem} from '../../src/ui/text';

test('the name of a system without what tells none apart', () => {
  expect(shortSystem('Debian GNU/Linux 12 (bookworm)')).toBe('Debian 12');
  expect(shortSystem('Ubuntu 24.04.2 LTS')).toBe('Ubuntu 24.04.2');
  expect(shortSystem('Windows 11')).toBe('Windows 11');
});

describe('the URL', () => {
  test('gives back what was put in', () => {
    const group = 'a-b|cpu:avx2|llama 3/β|q4_k_m';
    const href = hrefOf('device', 'a/b ü', {g: group, empty: ''});
    const place = parsePlace(href);
    expect(place.view).toBe('device');
    expect(place.arg).toBe('a/b ü');
    expect(place.params.get('g')).toBe(group);
    expect(place.params.has('empty')).toBe(false);
  });

  test('is the leaderboard without a word, and survives nonsense', () => {
    expect(parsePlace('').view).toBe('leaderboard');
    expect(parsePlace('#/device/%E0%A4%A?x=%').arg).toBe('');
  });

  test('changes one thing at a time', () => {
    const place = parsePlace('#/leaderboard?class=phone,laptop&q=x');
    expect(withParams(place, {q: '', page: '2'})).toBe('#/leaderboard?class=phone,laptop&page=2');
    expect(toggled(listParam(place.params, 'class'), 'phone')).toBe('laptop');
    expect(toggled([], 'phone')).toBe('phone');
    expect(numberParam(new URLSearchParams('n=1e9'), 'n', 5, 0, 100)).toBe(100);
    expect(numberParam(new URLSearchParams('n=x'), 'n', 5, 0, 100)).toBe(5);
  });
});

test.each([
  [quantity(41.26, 'tok/s'), '41.3 tok/s'],
  [quantity(0.01234, 's'), '12.3 ms'],
  [quantity(3.61e10, 'B/s'), '36.1 GB/s'],
  [quantity(1234.5, 'tok/s'), '1,235 tok/s'],
  [quantity(2.97e-6, 's/tok'), '2.97 µs/tok'],
  [quantity(0, 's'), '0.00 s'],
  [quantity(3, '1'), '3'],
  [quantity(1.3e-5, '1'), '1.3e-5'],
  [binaryBytes(25276502016), '23.5 GiB'],
  [binaryBytes(49152), '48 KiB'],
  [percent(0.912), '91 %'],
  [ratioText(1.417), '1.42×'],
])('%s', (shown, wanted) => {
  expect(shown).toBe(wanted);
});

test('ticks are round and few', () => {
  expect(linearTicks(0, 97, 5)).toEqual([0, 20, 40, 60, 80]);
  expect(logTicks(1, 1000)).toEqual([1, 3, 10, 30, 100, 300, 1000]);
  expect(logTicks(5, 30)).toEqual([5, 10, 20]);
  expect(logTicks(1e-9, 1e15).length).toBeLessThan(12);
});

test('heat tells better from worse on either side of alike', () => {
  expect([1, 2, 100, null].map(heatClass)).toEqual([
    'heat-same',
    'heat-more2',
    'heat-more4',
    'heat-none',
  ]);
  expect(heatClass(0.5)).toMatch(/^heat-less/);
});

describe('history', () => {
  test('finds the level that began and nothing in noise', () => {
    const random = new Random(11);
    const noise = Array.from({length: 60}, () => random.about(100, 0.01));
    expect(levelsOf(noise).length).toBe(1);
    const levels = levelsOf(noise.map((value, i) => (i >= 40 ? value * 0.94 : value)));
    expect(levels.map((level) => level.from)).toEqual([0, 40]);
    expect(levelsOf(noise.map((value, i) => (i === 30 ? value * 2 : value))).length).toBe(1); // one spike is no level
    expect(levelsOf([])).toEqual([]);
  });

  test('is read by machine and row, and a bad line is named', () => {
    const series = trendsOf([{project: 'p', text: syntheticHistory()}]);
    expect(series.length).toBe(4);
    expect(series[0]!.points.length).toBe(60);
    expect(() => trendsOf([{project: 'p', text: '\n{"kind": "result"}'}])).toThrow('p, line 2');
  });
});

describe('filters', () => {
  const collection = new Collection();
  for (let i = 0; i < 12; i++) collection.addResult(invented(i), String(i));
  const none = {
    model: 'llama-3.2-1b',
    quant: 'q4_k_m',
    classes: [],
    backends: [],
    systems: [],
    trust: [],
    search: '',
  };
  const of = (change: Partial<typeof none>) =>
    applyFilter(collection.groups.values(), {...none, ...change} as never);

  test('keep software renderers apart', () => {
    const {shown, software} = of({});
    expect(
      software.every((group) => group.software) && shown.every((group) => !group.software),
    ).toBe(true);
    expect(software.length).toBeGreaterThan(0);
  });

  test('count for each switch what it would show', () => {
    const {counts} = of({classes: ['phone'] as never});
    for (const [name, count] of counts.class)
      expect(of({classes: [name] as never}).shown.length).toBe(count);
  });

  test('search all words anywhere', () => {
    expect(
      of({search: 'invented LAPTOP'}).shown.every((group) => group.text('class') === 'laptop'),
    ).toBe(true);
    expect(of({search: 'no such device'}).shown).toEqual([]);
  });
});

describe('data files', () => {
  test('are one up to 30,000 entries and one or more for each model above', () => {
    const [a, b] = [
      entriesOf(invented(0), '1')[0]!,
      {...entriesOf(invented(0), '1')[0]!, model: 'other'},
    ];
    expect(shardsOf(Array.from({length: 30000}, () => a)).length).toBe(1);
    const shards = shardsOf([...Array.from({length: 30001}, () => a), b]);
    expect(shards.map(({shard}) => [shard.model, shard.n])).toEqual([
      ['llama-3.2-1b', 20000],
      ['llama-3.2-1b', 10001],
      ['other', 1],
    ]);
  });

  test('cannot end the script that they are', () => {
    const text = JSON.stringify({name: '</script><!--\u2028\u2029"\\'});
    const script = scriptOf('results', 'x', text);
    expect(script).not.toContain('<');
    const window = {} as {inferometer?: {results: Record<string, string>}};
    new Function('window', script)(window);
    expect(window.inferometer!.results['x']).toBe(text);
  });
});

test('the metric table is read whole', () => {
  const source = readFileSync(new URL('../../../results/metrics.cc', import.meta.url), 'utf8');
  const rows = metricsOf(source) as {name: string; help: string}[];
  expect(rows.length).toBe(source.match(/^ {4}\{"/gm)!.length);
  expect(rows.every((row) => row.help.endsWith('.'))).toBe(true);
});

test('the command repeats the run, quoted for a shell', () => {
  expect(repeatCommand(sample())).toContain(
    '--preset standard --model llama-3.2-1b --quant q4_k_m --device cpu:avx512_vnni',
  );
  const hostile = JSON.parse(JSON.stringify(sample())) as any;
  hostile.records[0].model.name = "x'; rm -rf ~";
  expect(repeatCommand(hostile)).toContain(`--model 'x'\\''; rm -rf ~'`);
});

test('no source parses text as HTML or runs it', () => {
  const folder = new URL('../../src', import.meta.url).pathname;
  const files = readdirSync(folder, {recursive: true, withFileTypes: true}).filter(
    (item) => item.name.endsWith('.ts') && !(item.parentPath ?? item.path).includes('generated'),
  );
  for (const file of files) {
    const text = readFileSync(join(file.parentPath ?? file.path, file.name), 'utf8');
    expect(text, file.name).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment|DOMParser/,
    );
  }
});

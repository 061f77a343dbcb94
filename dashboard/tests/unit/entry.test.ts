// From results to the numbers of the leaderboard, and through the data files unchanged.
import {describe, expect, test} from 'vitest';
import {entryAt, pack} from '../../src/data/columns';
import {entriesOf, valueOf} from '../../src/data/entry';
import {Collection, medianInterval, together} from '../../src/data/groups';
import {columnIndex} from '../../src/data/metrics';
import {trustOf} from '../../src/data/trust';
import {withTrust} from '../../tools/data';
import type {Row} from '../../src/data/result';
import {invented, sample} from './samples';

const row = (change: Partial<Row>): Row =>
  ({...sample().records.find((each) => each.status === 'ok')!, ...change}) as Row;

describe('an entry', () => {
  test('is made for each device of a result and takes the medians of its rows', () => {
    const result = sample();
    const entries = entriesOf(result, 'id');
    expect(entries.map((entry) => entry.device)).toEqual([
      'cpu:avx512_vnni',
      'vulkan:0',
      'opencl:pocl',
    ]);
    const decode = result.records.find(
      (each) =>
        each.workload === 'decode' && each.metric === 'decode_rate' && each.params['depth'] === 0,
    )!;
    expect(entries[0]!.values[columnIndex('decode_0')]).toMatchObject({
      median: decode.median,
      lo: decode.ci95![0],
      hi: decode.ci95![1],
      kind: 'ci95',
    });
    expect(entries[0]!.tier).toBe('small');
    expect(entries[2]!.software).toBe(true);
  });

  test('says range, not interval, where samples are too few', () => {
    expect(valueOf(row({samples: [3, 1, 2], median: 2, ci95: null, n: 3}))).toEqual({
      median: 2,
      lo: 1,
      hi: 3,
      n: 3,
      kind: 'range',
    });
    expect(valueOf(row({status: 'skipped', median: null}))).toBeNull();
  });

  test('has the score of the frozen reference rates', () => {
    const entry = entriesOf(invented(), 'id')[0]!;
    const rate = (id: string): number => entry.values[columnIndex(id)]!.median;
    const score =
      1000 *
      Math.cbrt((rate('prefill_512') / 100) * (rate('decode_0') / 20) * (rate('decode_2048') / 18));
    expect(entry.values[columnIndex('score')]!.median).toBeCloseTo(score, 6);
    const without = {
      ...invented(),
      records: invented().records.filter((each) => each.params['tokens'] !== 512),
    };
    expect(entriesOf(without, 'id')[0]!.values[columnIndex('score')]).toBeNull();
  });

  test('names a GPU by the number of its device', () => {
    const result = JSON.parse(JSON.stringify(invented())) as any;
    result.device.gpus = [
      {name: 'no Vulkan', vulkan: []},
      {name: 'first', vulkan: [{}]},
      {name: 'second', vulkan: [{}]},
    ];
    for (const each of result.records) if (each.backend === 'vulkan') each.device = 'vulkan:1';
    expect(entriesOf(result, 'id').find((entry) => entry.backend === 'vulkan')!.hardware).toBe(
      'second',
    );
  });

  test('comes back from the data file with five digits', () => {
    const entries = [
      ...entriesOf(invented(1), '1'),
      ...entriesOf(sample(), '2'),
      ...entriesOf(invented(4), '3'),
    ];
    const table = JSON.parse(JSON.stringify(pack(entries))) as ReturnType<typeof pack>;
    entries.forEach((entry, i) => {
      const back = entryAt(table, i);
      expect({...back, values: null}).toEqual({...entry, values: null});
      entry.values.forEach((value, j) => {
        if (!value) expect(back.values[j]).toBeNull();
        else expect(back.values[j]!.median / value.median).toBeCloseTo(1, 4);
      });
    });
  });
});

describe('several results of a device', () => {
  const value = (median: number) => ({
    median,
    lo: median * 0.99,
    hi: median * 1.01,
    n: 9,
    kind: 'ci95' as const,
  });

  test('are their median, with all that they allow while they are few', () => {
    expect(together([value(10), value(12), null])).toMatchObject({
      median: 11,
      lo: 9.9,
      hi: expect.closeTo(12.12),
      n: 2,
      kind: 'range',
    });
  });

  test('have the interval of their median from six on, so that one of them moves little', () => {
    const many = together([...Array.from({length: 9}, (_, i) => value(10 + i / 10)), value(1000)])!;
    expect(many.kind).toBe('ci95');
    expect(many.hi).toBeLessThan(11);
  });

  test.each([
    [5, null],
    [6, [1, 6]],
    [9, [2, 8]],
    [20, [6, 15]],
  ])('interval of %i sorted values', (n, expected) => {
    // binomial tables
    expect(medianInterval(Array.from({length: n as number}, (_, i) => i + 1))).toEqual(expected);
  });

  test('of one key are one voice', () => {
    const collection = new Collection();
    const rates = [
      ['a', 1],
      ['a', 1],
      ['a', 1],
      ['b', 2],
      ['c', 2],
    ] as const;
    rates.forEach(([key, factor], i) => collection.addResult(scaled(key, factor), String(i)));
    const group = [...collection.groups.values()][0]!;
    const one = entriesOf(scaled('a', 2), 'x').find((entry) => entry.group === group.id)!.values[
      columnIndex('decode_0')
    ]!.median;
    expect(group.value('decode_0')!.median).toBeCloseTo(one);
    expect(group.value('decode_0')!.n).toBe(3);
  });
});

// An invented result of a key, all its rates times a factor.
function scaled(key: string, factor: number) {
  const result = JSON.parse(JSON.stringify(invented(2, key))) as any;
  for (const each of result.records) {
    if (each.status !== 'ok') continue;
    for (const part of ['samples', 'ci95'])
      if (each[part]) each[part] = each[part].map((x: number) => x * factor);
    each.median *= factor;
  }
  return result;
}

describe('trust', () => {
  const entry = (key: string, factor: number, flag: '' | 'error' = '') => ({
    ...entriesOf(scaled(key, factor), key)[0]!,
    flag,
  });
  const tiers = (entries: ReturnType<typeof entry>[], maintainers: string[] = []) =>
    trustOf(entries, new Set(maintainers));

  test('takes three keys within 10 %, however many results one has', () => {
    expect(tiers([entry('a', 1), entry('a', 1.01), entry('a', 1.02), entry('b', 1)])).toEqual(
      Array(4).fill('self-reported'),
    );
    expect(tiers([entry('a', 1), entry('b', 1.05), entry('c', 1.09), entry('d', 1.5)])).toEqual([
      'corroborated',
      'corroborated',
      'corroborated',
      'self-reported',
    ]);
  });

  test('or a key of a maintainer', () => {
    expect(tiers([entry('a', 1), entry('m', 1.05), entry('b', 2)], ['m'])).toEqual([
      'reproduced',
      'reproduced',
      'self-reported',
    ]);
  });

  test('and nothing that is flagged as an error', () => {
    expect(tiers([entry('a', 1), entry('b', 1), entry('c', 1, 'error')])).toEqual(
      Array(3).fill('self-reported'),
    );
    const marked = withTrust(
      [entry('a', 1), entry('b', 1)],
      [{file: '2026/05/b.json', severity: 'error', reason: 'another device'}],
      [],
    );
    expect(marked.map((each) => each.remark)).toEqual(['', 'another device']);
    const collection = new Collection();
    collection.add(pack(marked));
    const [group] = [...collection.groups.values()];
    expect(group!.flagged).toBe(false);
    expect(group!.remark('b')).toBe('another device');
    expect(group!.value('decode_0')!.median).toBeCloseTo(marked[0]!.values[0]!.median, 2);
  });
});

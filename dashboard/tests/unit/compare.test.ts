// Ratios, their intervals, and the words for them.
import {describe, expect, test} from 'vitest';
import {caseKey, outside, ratioOf} from '../../src/data/compare';
import {invented} from './samples';
import {Random} from '../../tools/random';

const around = (value: number, spread: number, n = 9): number[] =>
  Array.from({length: n}, (_, i) => value * (1 + (spread * (i - (n - 1) / 2)) / n));

describe('the rank-sum interval', () => {
  // Critical values of Mann and Whitney's U, two-sided 5 % (their tables): U <= critical is outside.
  test.each([
    [4, 4, 0],
    [5, 5, 2],
    [6, 6, 5],
    [8, 8, 13],
    [10, 10, 23],
    [5, 9, 7],
    [3, 3, -1],
    [20, 20, 127],
  ])('of %i and %i leaves out %i', (n, m, critical) => {
    expect(outside(n, m)).toBe(critical);
  });

  test('holds the true ratio about 95 times in 100', () => {
    const random = new Random(5);
    let held = 0;
    for (let i = 0; i < 400; i++) {
      const a = Array.from({length: 8}, () => 2 * Math.exp(random.normal() * 0.05));
      const b = Array.from({length: 10}, () => Math.exp(random.normal() * 0.05));
      const ratio = ratioOf(a, b, 'higher')!;
      if (ratio.lo <= 2 && ratio.hi >= 2) held++;
    }
    expect(held).toBeGreaterThan(368);
  });
});

describe('words', () => {
  test.each([
    ['faster', around(150, 0.05), around(100, 0.05), 'higher'],
    ['slower', around(150, 0.05), around(100, 0.05), 'lower'],
    ['faster', around(0.5, 0.05), around(1, 0.05), 'lower'],
    ['same', around(100, 0.004), around(100.5, 0.004), 'higher'],
    ['undecided', around(102, 0.4), around(100, 0.4), 'higher'],
    ['undecided', [150], [100], 'higher'],
  ] as const)('%s', (word, a, b, better) => {
    expect(ratioOf(a, b, better)!.word).toBe(word);
  });

  test('none without samples, or with zeros', () => {
    expect(ratioOf([], [1], 'higher')).toBeNull();
    expect(ratioOf([0, 0, 0], [1, 1, 1], 'higher')).toBeNull();
  });
});

test('a case is the same across devices and differs by its params', () => {
  const rows = invented().records;
  const decode = rows.filter(
    (row) => row.workload === 'decode' && row.metric === 'decode_rate' && row.params['depth'] === 0,
  );
  expect(new Set(decode.map((row) => row.device)).size).toBe(2);
  expect(new Set(decode.map(caseKey)).size).toBe(1);
  const cpu = rows.filter((row) => row.backend === 'cpu');
  expect(new Set(cpu.map(caseKey)).size).toBe(cpu.length);
});

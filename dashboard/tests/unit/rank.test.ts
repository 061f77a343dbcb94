// Places: devices that their intervals cannot tell apart share them.
import {describe, expect, test} from 'vitest';
import type {Value} from '../../src/data/entry';
import {bandText, rankBands} from '../../src/data/rank';
import {Random} from '../../tools/random';

const value = (median: number, lo = median, hi = median): Value => ({
  median,
  lo,
  hi,
  n: 9,
  kind: 'ci95',
});

function slow(values: readonly Value[], better: 'higher' | 'lower'): {from: number; to: number}[] {
  const half = Math.sqrt(1.02);
  const ends = values.map(
    (v) => [Math.min(v.lo, v.median / half), Math.max(v.hi, v.median * half)] as const,
  );
  const surely = (a: readonly [number, number], b: readonly [number, number]): boolean =>
    better === 'higher' ? a[0] > b[1] : a[1] < b[0];
  return ends.map((mine) => ({
    from: 1 + ends.filter((other) => surely(other, mine)).length,
    to: ends.length - ends.filter((other) => surely(mine, other)).length,
  }));
}

describe('rank bands', () => {
  test('show ties as ties', () => {
    const bands = rankBands(
      [value(100, 95, 105), value(97, 93, 101), value(50), value(50.5), value(10)],
      'higher',
    );
    expect(bands.map(bandText)).toEqual(['1–2', '1–2', '3–4', '3–4', '5']);
  });

  test('count the other way where less is better', () => {
    expect(rankBands([value(1), value(2), value(4)], 'lower').map(bandText)).toEqual([
      '1',
      '2',
      '3',
    ]);
  });

  test.each(['higher', 'lower'] as const)('are those of the definition, %s better', (better) => {
    const random = new Random(3);
    const values = Array.from({length: 200}, () => {
      const median = Math.exp(random.normal());
      return value(median, median * (1 - 0.1 * random.next()), median * (1 + 0.1 * random.next()));
    });
    expect(rankBands(values, better)).toEqual(slow(values, better));
  });

  test('of nobody are none', () => {
    expect(rankBands([], 'higher')).toEqual([]);
  });
});

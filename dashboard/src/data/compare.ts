// Two sets of samples held against each other: the ratio, its interval, and a word for it.
import type {Row} from './result';

export type Word = 'faster' | 'slower' | 'same' | 'undecided';

export interface Ratio {
  readonly ratio: number; // a / b of the values
  readonly lo: number;
  readonly hi: number;
  readonly word: Word; // of a, as seen from what is better
  readonly exact: boolean; // whether the interval is the rank-sum one
}

/** Within this much two devices are the same. */
export const SAME = 0.02;

// Number of ways in which the rank-sum statistic U of n and m values is at most u, for every u.
function counts(n: number, m: number): number[] {
  // ways[u] of choosing n ranks; built one value of the first sample at a time.
  let table: number[][] = Array.from({length: m + 1}, () => [1]);
  for (let i = 1; i <= n; i++) {
    const next: number[][] = [];
    for (let j = 0; j <= m; j++) {
      const row = new Array<number>(i * j + 1).fill(0);
      const less = j > 0 ? next[j - 1]! : [];
      less.forEach((ways, u) => {
        row[u] = (row[u] ?? 0) + ways;
      });
      table[j]!.forEach((ways, u) => {
        row[u + j] = (row[u + j] ?? 0) + ways;
      });
      next.push(row);
    }
    table = next;
  }
  return table[m]!;
}

/** How many of the smallest pairwise differences lie outside a 95 % interval, on either side; -1 when
 *  there are too few values for one. Exact up to 20 values a side, the normal approximation beyond. */
export function outside(n: number, m: number): number {
  if (n > 20 || m > 20) {
    const k = Math.floor((n * m) / 2 - 1.96 * Math.sqrt((n * m * (n + m + 1)) / 12));
    return k > 0 ? k - 1 : -1;
  }
  const ways = counts(n, m);
  const all = ways.reduce((sum, w) => sum + w, 0);
  let tail = 0;
  let k = -1;
  for (let u = 0; u < ways.length; u++) {
    tail += ways[u]! / all;
    if (2 * tail > 0.05) break;
    k = u;
  }
  return k;
}

function wordOf(lo: number, hi: number, ratio: number, higher: boolean): Word {
  if (lo > 1 / (1 + SAME) && hi < 1 + SAME) return 'same';
  if (lo <= 1 && hi >= 1) return 'undecided';
  if (Math.abs(Math.log(ratio)) < Math.log1p(SAME)) return 'undecided';
  return ratio > 1 === higher ? 'faster' : 'slower';
}

/** a / b by the median of all pairwise ratios (Hodges and Lehmann), with the interval that inverts the
 *  rank-sum test. With too few samples the interval is everything that the samples allow. */
export function ratioOf(
  a: readonly number[],
  b: readonly number[],
  better: 'higher' | 'lower',
): Ratio | null {
  if (a.length === 0 || b.length === 0 || ![...a, ...b].every((x) => x > 0)) return null;
  const logs: number[] = [];
  for (const x of a) for (const y of b) logs.push(Math.log(x / y));
  logs.sort((x, y) => x - y);
  const middle = (logs[(logs.length - 1) >> 1]! + logs[logs.length >> 1]!) / 2;
  const k = outside(a.length, b.length);
  const lo = Math.exp(logs[Math.max(0, k)]!);
  const hi = Math.exp(logs[logs.length - 1 - Math.max(0, k)]!);
  const ratio = Math.exp(middle);
  const word = wordOf(lo, hi, ratio, better === 'higher');
  return {
    ratio,
    lo,
    hi,
    word: k < 0 && word !== 'undecided' && (a.length < 3 || b.length < 3) ? 'undecided' : word,
    exact: k >= 0,
  };
}

/** Rows of two results that measure the same: workload, metric and what makes the case. */
export function caseKey(row: Row): string {
  const params = Object.entries(row.params)
    .filter(([key]) =>
      [
        'depth',
        'tokens',
        'kv',
        'sequences',
        'cache',
        'turn_1',
        'turn_2',
        'system',
        'utterance',
        'answer',
        'store',
        'minutes',
      ].includes(key),
    )
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`);
  return [row.workload, row.metric, ...params].join(' ');
}

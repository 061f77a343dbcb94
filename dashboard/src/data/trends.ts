// The history of a project's measurements over commits, and where a level began.
import {at, listAt, numberAt, scalarText, textAt} from './json';
import {parseText} from './strict_json';

export interface TrendPoint {
  readonly commit: string;
  readonly at: string; // RFC 3339, or empty
  readonly value: number;
}

/** One row on one machine; machines are never mixed, or a new runner would look like a slow commit. */
export interface TrendSeries {
  readonly project: string;
  readonly machine: string;
  readonly row: string;
  readonly label: string;
  readonly metric: string;
  readonly points: readonly TrendPoint[];
}

export interface Level {
  readonly from: number; // index of its first point
  readonly to: number; // index behind its last
  readonly median: number;
}

function machineText(machine: unknown): string {
  if (typeof machine !== 'object' || machine === null) return 'unknown machine';
  const name = textAt(machine, 'cpu', 'name') || textAt(machine, 'cpu') || textAt(machine, 'name');
  if (name) return name;
  return (
    Object.values(machine).map(scalarText).filter(Boolean).slice(0, 3).join(', ') ||
    'unknown machine'
  );
}

/** Series of the lines that `inferometer history append` writes. Throws Error naming the line. */
export function trendsOf(files: readonly {project: string; text: string}[]): TrendSeries[] {
  const all = new Map<string, {series: Omit<TrendSeries, 'points'>; points: TrendPoint[]}>();
  for (const {project, text} of files) {
    text.split('\n').forEach((line, number) => {
      if (!line.trim()) return;
      const parsed = parseText(line);
      if (!parsed.ok) throw new Error(`${project}, line ${number + 1}: ${parsed.why}`);
      if (textAt(parsed.value, 'kind') !== 'history')
        throw new Error(`${project}, line ${number + 1}: it is no line of a history`);
      const commit = textAt(parsed.value, 'commit');
      const when = textAt(parsed.value, 'at');
      const machine = at(parsed.value, 'machine');
      for (const value of listAt(parsed.value, 'values')) {
        const median = numberAt(value, 'median');
        const row = textAt(value, 'row');
        if (median === null || median <= 0 || !row) continue;
        const key = [project, JSON.stringify(machine), row].join('\n');
        let entry = all.get(key);
        if (!entry) {
          entry = {
            series: {
              project,
              machine: machineText(machine),
              row,
              label: textAt(value, 'label') || row,
              metric: textAt(value, 'metric'),
            },
            points: [],
          };
          all.set(key, entry);
        }
        entry.points.push({commit, at: when, value: median});
      }
    });
  }
  return [...all.values()].map(({series, points}) => ({...series, points}));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

// Two-sided p of the rank-sum test by its normal approximation, ties sharing ranks.
function rankSumP(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((x) => [x, 0] as const), ...b.map((x) => [x, 1] as const)].sort(
    (x, y) => x[0] - y[0],
  );
  let sum = 0;
  let ties = 0;
  for (let i = 0; i < all.length; ) {
    let j = i;
    while (j < all.length && all[j]![0] === all[i]![0]) j++;
    for (let k = i; k < j; k++) if (all[k]![1] === 0) sum += (i + j + 1) / 2;
    ties += (j - i) ** 3 - (j - i);
    i = j;
  }
  const n = all.length;
  const mean = (a.length * (n + 1)) / 2;
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)));
  if (variance <= 0) return 1;
  const z = Math.max(0, Math.abs(sum - mean) - 0.5) / Math.sqrt(variance);
  return erfc(z / Math.SQRT2);
}

// Abramowitz and Stegun 7.1.26, good to 1.5e-7.
function erfc(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  return (
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x)
  );
}

const LEAST_POINTS = 3;

/** Levels of a series: split where the ranks of both sides differ most, if they differ surely
 *  (p <= `significance`, so from about eight points a side) and by at least `least`; then again within both sides. */
export function levelsOf(values: readonly number[], significance = 0.001, least = 0.03): Level[] {
  const logs = values.map(Math.log);
  const split = (from: number, to: number): Level[] => {
    let best = -1;
    let bestP = 2;
    for (let i = from + LEAST_POINTS; i <= to - LEAST_POINTS; i++) {
      const p = rankSumP(logs.slice(from, i), logs.slice(i, to));
      if (p < bestP) [best, bestP] = [i, p];
    }
    if (best >= 0 && bestP <= significance) {
      const change = median(logs.slice(best, to)) - median(logs.slice(from, best));
      if (Math.abs(change) >= Math.log1p(least)) return [...split(from, best), ...split(best, to)];
    }
    return [{from, to, median: median(values.slice(from, to))}];
  };
  return values.length === 0 ? [] : split(0, values.length);
}

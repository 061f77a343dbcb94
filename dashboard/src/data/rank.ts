// Places that intervals can tell apart: a device shares every place that its interval allows.
import type {Value} from './entry';

/** Closer than this, two devices are the same: what a day or a driver moves. */
export const TIE = 0.02;

export interface Band {
  readonly from: number;
  readonly to: number;
}

export function bandText(band: Band): string {
  return band.from === band.to ? String(band.from) : `${band.from}–${band.to}`;
}

function countBelow(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sorted[mid]! < x) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** The band of each value, or of those from `from` to before `to`: 1 + how many are surely better, to how many are not surely worse. */
export function rankBands(
  values: readonly Value[],
  better: 'higher' | 'lower',
  from = 0,
  to = values.length,
): Band[] {
  const n = values.length;
  const half = Math.sqrt(1 + TIE);
  const lows = new Float64Array(n);
  const highs = new Float64Array(n);
  const higher = better === 'higher';
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    const low = Math.min(value.lo, value.median / half);
    const high = Math.max(value.hi, value.median * half);
    lows[i] = higher ? low : -high; // as if higher were better
    highs[i] = higher ? high : -low;
  }
  const sortedLows = lows.slice().sort();
  const sortedHighs = highs.slice().sort();
  return values.slice(from, to).map((_, at) => {
    const i = from + at;
    const surelyWorse = countBelow(sortedHighs, lows[i]!);
    let notBetter = countBelow(sortedLows, highs[i]!);
    while (notBetter < n && sortedLows[notBetter] === highs[i]) notBetter++;
    return {from: 1 + n - notBetter, to: n - surelyWorse};
  });
}

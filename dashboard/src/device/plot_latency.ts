// The time of each token: over the sequence, and how often.
import {latencyOf, type Latency} from '../data/curves';
import {labelOf} from '../data/labels';
import {quantity} from '../data/quantity';
import type {Row} from '../data/result';
import {figure} from '../ui/figure';
import {frame, tickText} from '../ui/frame';
import {s} from '../ui/h';
import {place, type Axis} from '../ui/scale';

const W = 620,
  H = 300,
  LEFT = 64,
  STRIP = 470,
  BARS = 486,
  RIGHT = 14,
  TOP = 26,
  BOTTOM = 44;
const BINS = 36;
const MOST_DOTS = 1500; // beyond it a page grows without showing more

function strip(latency: Latency, x: Axis, y: Axis, top: number): SVGElement[] {
  const stride = Math.floor(latency.sorted.length / MOST_DOTS) + 1;
  const dots: SVGElement[] = [];
  let number = 0;
  for (const gaps of latency.gaps) {
    gaps.forEach((gap, i) => {
      if (number++ % stride === 0)
        dots.push(
          s('circle', {
            class: 'token',
            cx: place(x, i + 2).toFixed(1),
            cy: place(y, Math.min(gap, top)).toFixed(1),
            r: 1.6,
          }),
        );
    });
  }
  return dots;
}

function bars(latency: Latency, y: Axis): SVGElement[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const gap of latency.sorted) {
    const share = (gap - y.low) / (y.high - y.low);
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(share * BINS)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  const height = (y.from - y.to) / BINS;
  // A single token stays visible beside a thousand.
  return counts.map((count, bin) =>
    s('rect', {
      class: 'bar',
      x: BARS,
      y: y.from - (bin + 1) * height + 0.5,
      height: height - 1,
      width: count === 0 ? 0 : Math.max(1.5, (count / most) * (W - RIGHT - BARS)),
    }),
  );
}

export function latencyFigure(rows: readonly Row[]): HTMLElement | null {
  const candidates = rows.filter(
    (row) => row.status === 'ok' && row.metric === 'decode_rate' && row.workload === 'decode',
  );
  const row =
    candidates.find((each) => each.params['depth'] === 0 && each.token_times_s.length > 0) ??
    candidates.find((each) => each.token_times_s.length > 0);
  const latency = row ? latencyOf(row) : null;
  if (!row || !latency) return null;
  const {sorted, p50, p95, p99} = latency;
  // Rare spikes may not flatten everything else: beyond three times p95 a dot stays at the edge.
  const most = Math.min(sorted[sorted.length - 1]!, 3 * p95);
  const least = sorted[0]! > most / 2 ? sorted[0]! - (most - sorted[0]!) * 0.25 : 0;
  const y: Axis = {
    log: false,
    low: Math.max(0, least),
    high: most + (most - least) * 0.05,
    from: H - BOTTOM,
    to: TOP,
  };
  const places = Math.max(...latency.gaps.map((gaps) => gaps.length));
  const x: Axis = {log: false, low: 1, high: places + 2, from: LEFT, to: STRIP};
  const marks: readonly (readonly [string, number])[] = [
    ['p50', p50],
    ['p95', p95],
    ...(p99 === null ? [] : [['p99', p99] as const]),
  ];
  let last = Infinity;
  const svg = s(
    'svg',
    {
      class: 'plot-svg',
      viewBox: `0 0 ${W} ${H}`,
      role: 'img',
      'aria-label': `${labelOf(row)}: ${sorted.length} token times of ${latency.gaps.length} repetitions; ${marks.map(([name, value]) => `${name} ${quantity(value, 's')}`).join(', ')}; longest ${quantity(sorted[sorted.length - 1]!, 's')}.`,
    },
    frame({
      width: W,
      height: H,
      x,
      y,
      xName: 'place of the token',
      yName: 'after the token before',
      yTick: (value) => tickText(value, 's'),
    }),
    strip(latency, x, y, y.high),
    bars(latency, y),
    marks.map(([name, value]) => {
      const at = place(y, Math.min(value, y.high));
      // The lowest name stands below its line, the others above theirs and apart.
      const text = name === 'p50' ? at + 12 : Math.min(at - 4, last - 13);
      if (name !== 'p50') last = text;
      return s(
        'g',
        {},
        s('line', {class: 'mark', x1: LEFT, x2: W - RIGHT, y1: at, y2: at}),
        s(
          'text',
          {class: 'mark-name', x: W - RIGHT, y: text, 'text-anchor': 'end'},
          `${name} ${quantity(value, 's')}`,
        ),
      );
    }),
    s(
      'text',
      {class: 'axis-name', x: (BARS + W - RIGHT) / 2, y: H - 4, 'text-anchor': 'middle'},
      'how often',
    ),
  );
  return figure(
    'Time of each token',
    svg,
    `${labelOf(row)}: every dot is a token of one of ${latency.gaps.length} repetitions; the bars count all ${sorted.length.toLocaleString('en')} of them.`,
  );
}

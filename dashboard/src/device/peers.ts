// Where a device stands among all on the same model: a histogram on a logarithmic axis, its own place marked.
import type {Value} from '../data/entry';
import {numberIn, scaleFor} from '../data/quantity';
import {s} from '../ui/h';
import {axisOf, clampTo, place, ticksOf} from '../ui/scale';

const HEAD = 40; // of the picture, for the name of what is marked

export interface Histogram {
  readonly counts: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** Bins of equal width in the logarithm. */
export function logHistogram(values: readonly number[], bins: number): Histogram {
  const positive = values.filter((value) => value > 0);
  const axis = axisOf(positive, true, 0, 1, 0.02);
  const counts = new Array<number>(bins).fill(0);
  for (const value of positive) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(place(axis, value) * bins)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {counts, low: axis.low, high: axis.high};
}

export function peersPlot(
  values: readonly number[],
  mine: Value | null,
  unit: string,
  name: string,
  width = 620,
  height = 164,
): SVGElement {
  const bins = Math.max(8, Math.min(48, Math.ceil(Math.sqrt(values.length) * 2)));
  const {counts, low, high} = logHistogram(mine ? [...values, mine.median] : values, bins);
  const others = new Array<number>(bins).fill(0);
  const x = {log: true, low, high, from: 14, to: width - 14};
  for (const value of values) {
    const bin = Math.min(
      bins - 1,
      Math.max(0, Math.floor(((place(x, value) - x.from) / (x.to - x.from)) * bins)),
    );
    others[bin] = (others[bin] ?? 0) + 1;
  }
  const most = Math.max(1, ...counts);
  const base = height - 44;
  const step = (x.to - x.from) / bins;
  const at = mine ? place(x, clampTo(x, mine.median)) : 0;
  const scale = scaleFor(mine?.median ?? Math.sqrt(low * high), unit);
  const label = mine ? `${name}: ${numberIn(mine.median, scale)} ${scale.unit}` : '';
  const half = label.length * 3.6; // of its letters, about
  return s(
    'svg',
    {
      class: 'plot-svg',
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label':
        `Histogram of ${values.length} devices.` +
        (mine ? ` ${name}: ${numberIn(mine.median, scale)} ${scale.unit}.` : ''),
    },
    others.map(
      (count, i) =>
        count > 0 &&
        s(
          'rect',
          {
            class: 'bar',
            x: x.from + i * step + 0.5,
            width: Math.max(1, step - 1),
            y: base - (count / most) * (base - HEAD),
            height: (count / most) * (base - HEAD),
          },
          s('title', {}, `${count} device${count === 1 ? '' : 's'}`),
        ),
    ),
    // How many stand in each bar, where the bars are wide enough for it.
    step > 18 &&
      others.map(
        (count, i) =>
          count > 0 &&
          s(
            'text',
            {
              class: 'tick',
              x: x.from + (i + 0.5) * step,
              y: base - (count / most) * (base - HEAD) - 4,
              'text-anchor': 'middle',
            },
            String(count),
          ),
      ),
    s(
      'text',
      {class: 'axis-name', x: width / 2, y: height - 6, 'text-anchor': 'middle'},
      `devices by ${scale.unit || 'value'}`,
    ),
    s('line', {class: 'axis', x1: x.from, x2: x.to, y1: base, y2: base}),
    ticksOf(x, 6).map((tick) =>
      s(
        'text',
        {class: 'tick', x: place(x, tick), y: base + 16, 'text-anchor': 'middle'},
        Number((tick * scale.factor).toPrecision(3)).toLocaleString('en'),
      ),
    ),
    mine && s('line', {class: 'mine', x1: at, x2: at, y1: 24, y2: base}),
    mine &&
      s(
        'text',
        {
          class: 'mine-name',
          x: at,
          y: 16,
          'text-anchor': at < half ? 'start' : at > width - half ? 'end' : 'middle',
        },
        label,
      ),
  );
}

/** "Faster than 62 % of 140 devices", honest about its own interval. */
export function standing(
  values: readonly number[],
  mine: Value,
  better: 'higher' | 'lower',
): string {
  const sign = better === 'higher' ? 1 : -1;
  const surely = values.filter(
    (value) => sign * value < sign * (better === 'higher' ? mine.lo : mine.hi),
  ).length;
  return `Better than ${Math.round((100 * surely) / Math.max(1, values.length))} % of ${values.length.toLocaleString('en')} devices`;
}

// The frame of an SVG plot: grid, ticks, axis names. Text sizes are those of the page at full width.
import {numberIn, scaleFor} from '../data/quantity';
import {s} from './h';
import {place, ticksOf, type Axis} from './scale';

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly xName: string;
  readonly yName: string;
  readonly xTick?: (value: number) => string;
  readonly yTick?: (value: number) => string;
  readonly xTicks?: readonly number[];
}

/** A tick as its axis shows it: the unit's prefix, few digits. */
export function tickText(value: number, unit: string): string {
  const scale = scaleFor(value, unit);
  const shown = value * scale.factor;
  const text = Number(shown.toPrecision(3)).toLocaleString('en', {maximumFractionDigits: 3});
  return scale.unit ? `${text} ${scale.unit}` : text;
}

export function plainTick(value: number): string {
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? numberIn(value, {factor: 1, decimals: 0, unit: ''})
    : Number(value.toPrecision(3)).toLocaleString('en', {maximumFractionDigits: 4});
}

export function frame(f: Frame): SVGElement {
  const [left, right] = [Math.min(f.x.from, f.x.to), Math.max(f.x.from, f.x.to)];
  const [top, bottom] = [Math.min(f.y.from, f.y.to), Math.max(f.y.from, f.y.to)];
  return s(
    'g',
    {class: 'frame', 'aria-hidden': 'true'},
    ticksOf(f.y, 5).map((tick) =>
      s(
        'g',
        {},
        s('line', {class: 'grid', x1: left, x2: right, y1: place(f.y, tick), y2: place(f.y, tick)}),
        s(
          'text',
          {class: 'tick', x: left - 7, y: place(f.y, tick) + 4, 'text-anchor': 'end'},
          (f.yTick ?? plainTick)(tick),
        ),
      ),
    ),
    (f.xTicks ?? ticksOf(f.x, 5)).map((tick) =>
      s(
        'g',
        {},
        s('line', {class: 'grid', x1: place(f.x, tick), x2: place(f.x, tick), y1: top, y2: bottom}),
        s(
          'text',
          {class: 'tick', x: place(f.x, tick), y: bottom + 17, 'text-anchor': 'middle'},
          (f.xTick ?? plainTick)(tick),
        ),
      ),
    ),
    s('line', {class: 'axis', x1: left, x2: right, y1: bottom, y2: bottom}),
    s(
      'text',
      {class: 'axis-name', x: (left + right) / 2, y: f.height - 4, 'text-anchor': 'middle'},
      f.xName,
    ),
    s(
      'text',
      {class: 'axis-name', x: left - 7, y: top - 9, 'text-anchor': 'start', dx: -40},
      f.yName,
    ),
  );
}

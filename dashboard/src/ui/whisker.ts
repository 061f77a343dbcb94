// A value with its interval on an axis that all rows share.
import {s} from './h';
import {clampTo, place, type Axis} from './scale';
import type {Value} from '../data/entry';

export function whisker(axis: Axis, value: Value, width: number, className = ''): SVGElement {
  const lo = place(axis, clampTo(axis, value.lo));
  const hi = place(axis, clampTo(axis, value.hi));
  const x = place(axis, clampTo(axis, value.median));
  return s(
    'svg',
    {
      class: `whisker ${className}`,
      viewBox: `0 0 ${width} 16`,
      width,
      height: 16,
      'aria-hidden': 'true',
    },
    s('line', {class: 'whisker-base', x1: axis.from, x2: x, y1: 8, y2: 8}),
    s('line', {
      class: value.kind === 'range' ? 'whisker-range' : 'whisker-interval',
      x1: Math.min(lo, hi),
      x2: Math.max(lo, hi, lo + 0.5),
      y1: 8,
      y2: 8,
    }),
    s('circle', {class: 'whisker-dot', cx: x, cy: 8, r: 3.2}),
  );
}

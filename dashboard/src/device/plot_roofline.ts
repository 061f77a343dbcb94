// The roofline: what the device can do, and every workload on it.
import type {Roofline, RooflinePoint} from '../data/roofline';
import {metricOf} from '../data/metrics';
import {percent, quantity} from '../data/quantity';
import {figure} from '../ui/figure';
import {frame, tickText} from '../ui/frame';
import {h, s} from '../ui/h';
import {axisOf, place, type Axis} from '../ui/scale';

const W = 620,
  H = 400,
  LEFT = 64,
  RIGHT = 14,
  TOP = 26,
  BOTTOM = 44;

// A roof that moved by less is drawn as a line alone.
const MOVED = 1.02;

function line(
  x: Axis,
  y: Axis,
  from: readonly [number, number],
  to: readonly [number, number],
  className: string,
): SVGElement {
  return s('line', {
    class: className,
    x1: place(x, from[0]),
    y1: place(y, from[1]),
    x2: place(x, to[0]),
    y2: place(y, to[1]),
  });
}

// Badges stand clear of each other: below right of their dots, then round them, then farther out.
function badges(points: readonly {x: number; y: number}[]): {x: number; y: number}[] {
  const placed: {x: number; y: number}[] = [];
  const away = (a: {x: number; y: number}, b: {x: number; y: number}): number =>
    Math.hypot(a.x - b.x, a.y - b.y);
  for (const point of points) {
    let spot = {x: point.x + 16, y: point.y + 16};
    search: for (let radius = 18; radius < 150; radius += 6) {
      for (const degrees of [60, 30, 90, 10, 120, 150]) {
        const turn = (degrees * Math.PI) / 180;
        const next = {x: point.x + radius * Math.cos(turn), y: point.y + radius * Math.sin(turn)};
        const free =
          placed.every((other) => away(other, next) >= 19) &&
          points.every((other) => away(other, next) >= 14) &&
          next.x < W - RIGHT - 9 &&
          next.x > LEFT + 9 &&
          next.y < H - BOTTOM - 9 &&
          next.y > TOP + 9;
        if (free) {
          spot = next;
          break search;
        }
      }
    }
    placed.push(spot);
  }
  return placed;
}

function band(x: Axis, y: Axis, corners: readonly (readonly [number, number])[]): SVGElement {
  return s('polygon', {
    class: 'roof-band',
    points: corners.map(([a, b]) => `${place(x, a)},${place(y, b)}`).join(' '),
  });
}

// How far the memory's roof moved: below the highest peak, which no bandwidth lifts.
function memoryBand(roofline: Roofline, x: Axis, y: Axis, top: number): SVGElement | null {
  const {low, high} = roofline.memory;
  if (!(high > low * MOVED)) return null;
  const ends = (bandwidth: number): number => Math.min(x.high, top / bandwidth);
  return band(x, y, [
    [x.low, x.low * low],
    [ends(low), ends(low) * low],
    [ends(high), ends(high) * high],
    [x.low, x.low * high],
  ]);
}

function roofs(roofline: Roofline, x: Axis, y: Axis): SVGElement[] {
  const {memory, peaks} = roofline;
  const top = peaks.length > 0 ? Math.max(...peaks.map((peak) => peak.middle)) : y.high;
  const end = Math.min(x.high, top / memory.middle);
  const parts: SVGElement[] = [];
  const moved = memoryBand(roofline, x, y, top);
  if (moved) parts.push(moved);
  for (const {low, middle, high} of peaks) {
    if (!(high > low * MOVED)) continue;
    const ridge = Math.max(x.low, middle / memory.middle);
    parts.push(
      band(x, y, [
        [ridge, low],
        [x.high, low],
        [x.high, high],
        [ridge, high],
      ]),
    );
  }
  const begin = Math.max(x.low, y.low / memory.middle);
  parts.push(line(x, y, [begin, begin * memory.middle], [end, end * memory.middle], 'roof'));
  const middle = Math.sqrt(begin * end);
  const angle =
    (Math.atan2(
      place(y, middle * 2 * memory.middle) - place(y, middle * memory.middle),
      place(x, middle * 2) - place(x, middle),
    ) *
      180) /
    Math.PI;
  parts.push(
    s(
      'text',
      {
        class: 'roof-name',
        transform: `translate(${place(x, middle)} ${place(y, middle * memory.middle) - 8}) rotate(${angle})`,
        'text-anchor': 'middle',
      },
      `memory read ${quantity(memory.middle, 'B/s')}`,
    ),
  );
  let last = -Infinity;
  for (const peak of peaks) {
    const at = place(y, peak.middle);
    parts.push(
      line(
        x,
        y,
        [Math.max(x.low, peak.middle / memory.middle), peak.middle],
        [x.high, peak.middle],
        'roof',
      ),
    );
    if (Math.abs(at - last) < 13) continue;
    last = at;
    // At the near end, since workloads stand at the far one; there only where the near one leaves no room.
    const near = place(x, Math.max(x.low, peak.middle / memory.middle)) + 24;
    const room = near + 170 < place(x, x.high);
    parts.push(
      s(
        'text',
        {
          class: 'roof-name',
          x: room ? near : place(x, x.high) - 2,
          y: at - 5,
          'text-anchor': room ? 'start' : 'end',
        },
        `${metricOf(peak.metric).label.toLowerCase()} ${quantity(peak.middle, peak.unit)}`,
      ),
    );
  }
  return parts;
}

function description(roofline: Roofline): string {
  const {memory, peaks, points} = roofline;
  return (
    `Operations per second over operations per byte, both logarithmic. Roofs: memory read ${quantity(memory.middle, 'B/s')}` +
    peaks
      .map((peak) => `, ${metricOf(peak.metric).label} ${quantity(peak.middle, peak.unit)}`)
      .join('') +
    `. Points: ${points.map((point, i) => `${i + 1} ${point.label}, ${percent(point.fraction)} of the ${point.bound} roof`).join('; ')}.`
  );
}

function binds(point: RooflinePoint): string {
  return point.bound === 'memory'
    ? 'memory binds'
    : `${(point.row.roofline?.roof ?? 'compute').replace(/_peak$/, '').replaceAll('_', ' ')} binds`;
}

export function rooflineFigure(roofline: Roofline | null): HTMLElement | null {
  if (!roofline || roofline.points.length === 0) return null;
  const {memory, peaks, points} = roofline;
  const ridge =
    peaks.length > 0 ? Math.max(...peaks.map((peak) => peak.middle)) / memory.middle : 0;
  const x = axisOf(
    [...points.map((point) => point.intensity), ...(ridge > 0 ? [ridge * 2.2] : [])],
    true,
    LEFT,
    W - RIGHT,
    0.1,
  );
  const y = axisOf(
    [...points.map((point) => point.attained), ...peaks.map((peak) => peak.high * 1.3)],
    true,
    H - BOTTOM,
    TOP,
    0.08,
  );
  const dots = points.map((point) => ({x: place(x, point.intensity), y: place(y, point.attained)}));
  const spots = badges(dots);
  const svg = s(
    'svg',
    {class: 'plot-svg', viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': description(roofline)},
    frame({
      width: W,
      height: H,
      x,
      y,
      xName: 'operations per byte',
      yName: 'operations per second',
      yTick: (value) => tickText(value, 'op/s').replace(' ', '\u00a0').replace('OP/s', ''),
    }),
    s(
      'clipPath',
      {id: 'roofline-area'},
      s('rect', {x: LEFT, y: TOP - 12, width: W - RIGHT - LEFT, height: H - BOTTOM - TOP + 12}),
    ),
    s('g', {'clip-path': 'url(#roofline-area)'}, roofs(roofline, x, y)),
    points.map((point, i) => {
      const name = point.bound === 'memory' ? 'point-memory' : 'point-compute';
      return s(
        'g',
        {},
        s('title', {}, `${point.label}: ${percent(point.fraction)}, ${binds(point)}`),
        s('line', {
          class: 'lead-line',
          x1: dots[i]!.x,
          y1: dots[i]!.y,
          x2: spots[i]!.x,
          y2: spots[i]!.y,
        }),
        s('circle', {class: `point ${name}`, cx: dots[i]!.x, cy: dots[i]!.y, r: 4}),
        s('circle', {class: 'badge', cx: spots[i]!.x, cy: spots[i]!.y, r: 8.5}),
        s(
          'text',
          {class: 'badge-text', x: spots[i]!.x, y: spots[i]!.y + 3.8, 'text-anchor': 'middle'},
          String(i + 1),
        ),
      );
    }),
  );
  const list = h(
    'ol',
    {class: 'point-list'},
    points.map((point) =>
      h(
        'li',
        {},
        h('span', {}, point.label),
        ' ',
        h('span', {class: 'muted'}, `${percent(point.fraction)}, ${binds(point)}`),
      ),
    ),
  );
  return figure(
    'Roofline',
    svg,
    [
      'How close each workload comes to what binds it; a band is how far a roof moved during the run.',
      list,
    ],
    null,
    'plot-wide',
  );
}

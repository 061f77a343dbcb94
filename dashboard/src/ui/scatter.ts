// A scatter plot: dots on a canvas, however many; axes, front and names in SVG above it.
import {paretoFront, type Direction} from '../data/pareto';
import {frame} from './frame';
import {h, s} from './h';
import {axisOf, place, type Axis} from './scale';

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly href: string;
  readonly color: string; // a custom property
  readonly mine: boolean;
}

export interface ScatterOptions {
  readonly points: readonly ScatterPoint[];
  readonly better: Direction;
  readonly log: boolean;
  readonly xName: string;
  readonly yName: string;
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
  readonly follow: (href: string) => void;
}

// On a phone the same letters need more of the picture.
const SMALL = matchMedia('(max-width: 640px)').matches;
const W = SMALL ? 480 : 860,
  H = SMALL ? 440 : 500,
  LEFT = SMALL ? 88 : 72,
  RIGHT = 20,
  TOP = 30,
  BOTTOM = 46;
const FEW = 500;

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function paint(canvas: HTMLCanvasElement, options: ScatterOptions, x: Axis, y: Axis): void {
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  const ratio = 2;
  canvas.width = W * ratio;
  canvas.height = H * ratio;
  ctx.scale(ratio, ratio);
  const many = options.points.length > 2000;
  ctx.globalAlpha = many ? 0.25 : 0.75;
  const colors = new Map<string, string>();
  for (const point of options.points) {
    let fill = colors.get(point.color);
    if (fill === undefined) {
      fill = color(point.color);
      colors.set(point.color, fill);
    }
    ctx.fillStyle = fill;
    ctx.beginPath();
    ctx.arc(place(x, point.x), place(y, point.y), many ? 1.8 : 4, 0, 2 * Math.PI);
    ctx.fill();
  }
}

interface Dot {
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

// Where the name of a dot may stand, best first: above it, below it, beside it, to either side.
function spots(x: number, y: number, width: number): (Box & {end: boolean})[] {
  return [
    [0, -9],
    [0, 18],
    [11, 4],
  ].flatMap(([dx = 0, dy = 0]) => [
    {left: x + dx, right: x + dx + width, y: y + dy, end: false},
    {left: x - dx - width, right: x - dx, y: y + dy, end: true},
  ]);
}

// The names of the front, as many as stand clear of each other and of its dots; where they can, of all dots.
function frontNames(
  points: readonly ScatterPoint[],
  front: readonly number[],
  x: Axis,
  y: Axis,
): SVGElement[] {
  const taken: Box[] = [];
  const names: SVGElement[] = [];
  const dotsOf = (some: readonly ScatterPoint[]): Dot[] =>
    some.map((point) => ({x: place(x, point.x), y: place(y, point.y)}));
  const ofFront = dotsOf(front.map((i) => points[i]!));
  const all = points.length <= FEW ? dotsOf(points) : ofFront;
  const free = (box: Box, dots: readonly Dot[]): boolean =>
    box.left > LEFT &&
    box.right <= W - RIGHT &&
    box.y > TOP &&
    box.y < H - BOTTOM &&
    !taken.some(
      (other) => Math.abs(other.y - box.y) < 15 && other.left < box.right && box.left < other.right,
    ) &&
    !dots.some(
      (dot) =>
        dot.x > box.left - 4 && dot.x < box.right + 4 && dot.y > box.y - 15 && dot.y < box.y + 6,
    );
  for (const i of [...front].sort((a, b) => Number(points[b]!.mine) - Number(points[a]!.mine))) {
    const point = points[i]!;
    const name = point.name.length > 30 ? point.name.slice(0, 29) + '…' : point.name;
    const width = name.length * (SMALL ? 7.6 : 6.8);
    const near = spots(place(x, point.x), place(y, point.y), width);
    const spot = near.find((each) => free(each, all)) ?? near.find((each) => free(each, ofFront));
    if (!spot) continue;
    taken.push(spot);
    names.push(
      s(
        'text',
        {
          class: 'front-name',
          x: spot.end ? spot.right : spot.left,
          y: spot.y,
          'text-anchor': spot.end ? 'end' : 'start',
        },
        name,
      ),
    );
  }
  return names;
}

export function scatter(options: ScatterOptions): {element: HTMLElement; front: readonly number[]} {
  const {points} = options;
  const x = axisOf(
    points.map((point) => point.x),
    options.log,
    LEFT,
    W - RIGHT,
  );
  const y = axisOf(
    points.map((point) => point.y),
    options.log,
    H - BOTTOM,
    TOP,
  );
  const front = paretoFront(
    points.map((point) => point.x),
    points.map((point) => point.y),
    options.better,
  );
  const canvas = h('canvas', {class: 'scatter-dots', 'aria-hidden': 'true'});
  const tip = h('div', {class: 'tip', hidden: true});
  const ring = s('circle', {class: 'ring', r: 7, visibility: 'hidden'});
  const mine = points.filter((point) => point.mine);
  const below = s(
    'svg',
    {class: 'plot-svg scatter-below', viewBox: `0 0 ${W} ${H}`, 'aria-hidden': 'true'},
    frame({
      width: W,
      height: H,
      x,
      y,
      xName: options.xName,
      yName: options.yName,
      xTick: options.xText,
      yTick: options.yText,
    }),
  );
  const svg = s(
    'svg',
    {
      class: 'plot-svg scatter-frame',
      viewBox: `0 0 ${W} ${H}`,
      role: 'img',
      'aria-label': `${points.length} devices: ${options.yName} over ${options.xName}. On the front: ${front
        .slice(0, 12)
        .map((i) => points[i]!.name)
        .join(', ')}.`,
    },
    front.length > 1 &&
      s('path', {
        class: 'front',
        d: front
          .map(
            (i, n) =>
              `${n === 0 ? 'M' : 'L'}${place(x, points[i]!.x).toFixed(1)} ${place(y, points[i]!.y).toFixed(1)}`,
          )
          .join(''),
      }),
    front.map((i) =>
      s('circle', {
        class: 'front-dot',
        cx: place(x, points[i]!.x),
        cy: place(y, points[i]!.y),
        r: 4.5,
      }),
    ),
    frontNames(points, front, x, y),
    mine.map((point) =>
      s(
        'g',
        {},
        s('circle', {class: 'mine-ring', cx: place(x, point.x), cy: place(y, point.y), r: 8}),
      ),
    ),
    ring,
  );
  let near: ScatterPoint | null = null;
  const element = h(
    'div',
    {
      class: 'scatter',
      onpointermove: (event: PointerEvent) => {
        const box = svg.getBoundingClientRect();
        const px = ((event.clientX - box.left) / box.width) * W;
        const py = ((event.clientY - box.top) / box.height) * H;
        near = null;
        let best = 400;
        for (const point of points) {
          const d = (place(x, point.x) - px) ** 2 + (place(y, point.y) - py) ** 2;
          if (d < best) [best, near] = [d, point];
        }
        tip.hidden = near === null;
        ring.setAttribute('visibility', near ? 'visible' : 'hidden');
        if (!near) return;
        ring.setAttribute('cx', String(place(x, near.x)));
        ring.setAttribute('cy', String(place(y, near.y)));
        tip.textContent = `${near.name}: ${options.xText(near.x)}, ${options.yText(near.y)}`;
        tip.style.left = `${Math.min(event.clientX - box.left + 14, box.width - 240)}px`;
        tip.style.top = `${event.clientY - box.top + 14}px`;
      },
      onpointerleave: () => {
        tip.hidden = true;
      },
      onclick: () => {
        if (near) options.follow(near.href);
      },
    },
    below,
    canvas,
    svg,
    tip,
  );
  paint(canvas, options, x, y);
  const repaint = (): void => {
    if (element.isConnected) paint(canvas, options, x, y);
    else window.removeEventListener('themechange', repaint);
  };
  window.addEventListener('themechange', repaint);
  return {element, front};
}

// Curves by uPlot: colours of the theme, labels at the curves, a readout under the pointer.
import uPlot from 'uplot';
import {h} from './h';
import {logTicks} from './scale';

export interface CurveSeries {
  readonly label: string;
  readonly color: string; // a custom property: '--c1'
  readonly points: readonly (readonly [number, number])[];
  readonly band?: readonly (readonly [number, number, number])[]; // x, low, high
  readonly style?: 'line' | 'dots' | 'dashed' | 'step';
}

export interface CurveMark {
  readonly x?: number;
  readonly y?: number;
  readonly label: string;
  readonly color?: string;
}

export interface CurveOptions {
  readonly description: string;
  readonly height?: number;
  readonly xLog?: 2 | 10;
  readonly yLog?: boolean;
  readonly yZero?: boolean;
  readonly xName: string;
  readonly yName: string;
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
  readonly xTicks?: readonly number[];
  readonly series: readonly CurveSeries[];
  readonly marks?: readonly CurveMark[];
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// One list of x for all series, as uPlot wants it.
function aligned(options: CurveOptions): uPlot.AlignedData {
  const xs = [
    ...new Set(
      options.series.flatMap((series) => [
        ...series.points.map(([x]) => x),
        ...(series.band ?? []).map(([x]) => x),
      ]),
    ),
  ].sort((a, b) => a - b);
  const index = new Map(xs.map((x, i) => [x, i]));
  const columns = options.series.flatMap((series) => {
    const column = (points: readonly (readonly [number, number])[]): (number | null)[] => {
      const values: (number | null)[] = new Array<number | null>(xs.length).fill(null);
      for (const [x, y] of points) values[index.get(x)!] = y;
      return values;
    };
    return [
      column(series.points),
      ...(series.band
        ? [
            column(series.band.map(([x, lo]) => [x, lo])),
            column(series.band.map(([x, , hi]) => [x, hi])),
          ]
        : []),
    ];
  });
  return [xs, ...columns] as uPlot.AlignedData;
}

function drawMarks(u: uPlot, options: CurveOptions): void {
  const {ctx, bbox} = u;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${11.5 * ratio}px system-ui, sans-serif`;
  ctx.lineWidth = ratio;
  for (const mark of options.marks ?? []) {
    ctx.strokeStyle = ctx.fillStyle = color(mark.color ?? '--muted');
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    if (mark.x !== undefined) {
      const x = u.valToPos(mark.x, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const left = x + ctx.measureText(mark.label).width + 6 * ratio > bbox.left + bbox.width;
      ctx.textAlign = left ? 'right' : 'left';
      ctx.fillText(mark.label, x + (left ? -5 : 5) * ratio, bbox.top + 12 * ratio);
    } else if (mark.y !== undefined) {
      const y = u.valToPos(mark.y, 'y', true);
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.textAlign = 'right';
      ctx.fillText(mark.label, bbox.left + bbox.width - 3 * ratio, y - 5 * ratio);
    }
  }
  ctx.restore();
}

function seriesOf(options: CurveOptions): {series: uPlot.Series[]; bands: uPlot.Band[]} {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const each of options.series) {
    const dots = each.style === 'dots';
    const steps = each.style === 'step' ? uPlot.paths.stepped?.({align: 1}) : undefined;
    series.push({
      label: each.label,
      stroke: () => color(each.color),
      width: dots ? 0 : 1.8,
      spanGaps: true,
      points: {
        show: dots || (each.points.length < 40 && each.style !== 'dashed' && each.style !== 'step'),
        size: dots ? 7 : 5,
        fill: () => color(dots ? each.color : '--bg'),
        stroke: () => color(each.color),
      },
      ...(each.style === 'dashed' ? {dash: [5, 4]} : {}),
      ...(dots ? {paths: () => null} : steps ? {paths: steps} : {}),
    });
    if (each.band) {
      const edge = {stroke: 'transparent', width: 0, points: {show: false}, spanGaps: true};
      series.push({...edge, label: `${each.label} low`}, {...edge, label: `${each.label} high`});
      bands.push({
        series: [series.length - 1, series.length - 2],
        fill: () => color(each.color) + '2e',
      } as unknown as uPlot.Band);
    }
  }
  return {series, bands};
}

function readout(u: uPlot, box: HTMLElement, options: CurveOptions): void {
  const i = u.cursor.idx;
  const x = i === null || i === undefined ? undefined : u.data[0][i];
  if (i === null || i === undefined || x === undefined) {
    box.textContent = '\u00a0';
    return;
  }
  const parts: string[] = [];
  let column = 1;
  for (const series of options.series) {
    const y = u.data[column]?.[i];
    if (y !== null && y !== undefined)
      parts.push(
        options.series.length > 1 ? `${series.label} ${options.yText(y)}` : options.yText(y),
      );
    column += series.band ? 3 : 1;
  }
  box.textContent = `${options.xText(x)}: ${parts.join(' · ')}`;
}

/** The plot as an element; it sizes itself to its parent and follows the theme. */
export function curve(options: CurveOptions): HTMLElement {
  const box = h('div', {class: 'readout', 'aria-hidden': 'true'}, '\u00a0');
  const holder = h('div', {class: 'curve', role: 'img', 'aria-label': options.description});
  const legend =
    options.series.filter((series) => series.label).length > 1
      ? h(
          'div',
          {class: 'legend'},
          options.series
            .filter((series) => series.label)
            .map((series) =>
              h(
                'span',
                {},
                h('i', {
                  class: `key key-${series.style ?? 'line'}`,
                  style: `color: var(${series.color})`,
                }),
                series.label,
              ),
            ),
        )
      : null;
  const data = aligned(options);
  const {series, bands} = seriesOf(options);
  const height = options.height ?? 250;
  const axis = (text: (value: number) => string): uPlot.Axis => ({
    stroke: () => color('--muted'),
    font: '11.5px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
    labelSize: 18,
    gap: 5,
    grid: {stroke: () => color('--faint'), width: 1},
    ticks: {show: false},
    values: (_u, splits) => splits.map((value) => (value === null ? '' : text(value))),
  });
  const all = data
    .slice(1)
    .flatMap((column) => [...(column as (number | null)[])])
    .filter((y): y is number => y !== null);
  const top = Math.max(...all);
  const bottom = Math.min(...all);
  const air = (top - bottom || top || 1) * 0.08;
  const xs = data[0];
  const wide = xs.length > 1 ? xs[xs.length - 1]! - xs[0]! : 1;
  let plot: uPlot | null = null;
  const build = (width: number): void => {
    plot = new uPlot(
      {
        width,
        height,
        legend: {show: false},
        padding: [14, 12, 0, 0],
        cursor: {y: false, points: {size: 7}, drag: {x: false, y: false}},
        scales: {
          x: options.xLog
            ? {time: false, distr: 3, log: options.xLog}
            : {time: false, range: () => [xs[0]! - wide * 0.02, xs[xs.length - 1]! + wide * 0.02]},
          y: options.yLog
            ? {distr: 3, log: 10, range: (_u, lo, hi) => [lo / 1.4, hi * 1.4]}
            : {range: () => [options.yZero ? 0 : Math.max(0, bottom - air), top + air]},
        },
        axes: [
          {
            ...axis(options.xText),
            label: options.xName,
            size: 30,
            ...(options.xTicks
              ? {splits: [...options.xTicks], filter: (_u: uPlot, splits: number[]) => splits}
              : {}),
          },
          {
            ...axis(options.yText),
            label: options.yName,
            size: 62,
            ...(options.yLog
              ? {
                  splits: (_u: uPlot, _axis: number, low: number, high: number) =>
                    logTicks(low, high),
                  filter: (_u: uPlot, splits: number[]) => splits,
                }
              : {}),
          },
        ],
        series,
        bands,
        hooks: {draw: [(u) => drawMarks(u, options)], setCursor: [(u) => readout(u, box, options)]},
      },
      data,
      holder,
    );
  };
  const observer = new ResizeObserver(() => {
    const width = Math.floor(holder.clientWidth);
    if (width < 40) return;
    if (!plot) build(width);
    else if (Math.abs(plot.width - width) > 1) plot.setSize({width, height});
  });
  observer.observe(holder);
  const redraw = (): void => {
    if (!holder.isConnected) window.removeEventListener('themechange', redraw);
    else plot?.redraw();
  };
  window.addEventListener('themechange', redraw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  return h('div', {class: 'curve-box'}, legend, holder, box);
}

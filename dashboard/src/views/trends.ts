// Trends: what a project's gate measured over its commits, and where a level began.
import {withParams, type Place} from '../app/state';
import {metricOf} from '../data/metrics';
import {quantity, scaleFor, numberIn} from '../data/quantity';
import {levelsOf, trendsOf, type Level, type TrendSeries} from '../data/trends';
import {curve} from '../ui/curve';
import {figure} from '../ui/figure';
import {h, replace, s, type Child} from '../ui/h';
import type {Context, View} from './view';

function change(levels: readonly Level[], i: number): number {
  return levels[i]!.median / levels[i - 1]!.median - 1;
}

function changeText(share: number): string {
  return `${share > 0 ? '+' : '−'}${Math.abs(share * 100).toFixed(1)} %`;
}

function spark(series: TrendSeries, levels: readonly Level[]): SVGElement {
  const values = series.points.map((point) => point.value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const x = (i: number): number => 2 + (i / Math.max(1, values.length - 1)) * 156;
  const y = (value: number): number => 22 - ((value - low) / (high - low || 1)) * 18;
  return s(
    'svg',
    {class: 'spark', viewBox: '0 0 160 24', width: 160, height: 24, 'aria-hidden': 'true'},
    s('path', {
      class: 'spark-line',
      d: values
        .map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`)
        .join(''),
    }),
    levels.map((level) =>
      s('line', {
        class: 'spark-level',
        x1: x(level.from),
        x2: x(level.to - 1),
        y1: y(level.median),
        y2: y(level.median),
      }),
    ),
  );
}

function detail(series: TrendSeries): HTMLElement {
  const metric = metricOf(series.metric);
  const levels = levelsOf(series.points.map((point) => point.value));
  const scale = scaleFor(series.points[0]?.value ?? 0, metric.unit);
  const plot = curve({
    description: `${series.label} over ${series.points.length} commits, ${levels.length} level${levels.length === 1 ? '' : 's'}: ${levels.map((level) => quantity(level.median, metric.unit)).join(', ')}.`,
    height: 320,
    xName: 'commits, in the order of the store',
    yName: scale.unit,
    xText: (value) => series.points[Math.round(value)]?.commit.slice(0, 7) ?? '',
    yText: (value) => numberIn(value, scale),
    series: [
      {
        label: 'median of a commit',
        color: '--c1',
        style: 'dots',
        points: series.points.map((point, i) => [i, point.value] as const),
      },
      ...levels.map((level, i) => ({
        label: i === 0 ? 'level' : '',
        color: '--c2',
        style: 'line' as const,
        points: [
          [level.from, level.median],
          [level.to - 1, level.median],
        ] as const,
      })),
    ],
    marks: levels.slice(1).map((level, i) => ({
      x: level.from - 0.5,
      label: changeText(change(levels, i + 1)),
      color: '--c2',
    })),
  });
  return figure(
    `${series.label} on ${series.machine}`,
    plot,
    levels.length > 1
      ? h(
          'ul',
          {},
          levels.slice(1).map((level, i) => {
            const share = change(levels, i + 1);
            const worse = (metric.better === 'higher') === share < 0;
            const point = series.points[level.from]!;
            return h(
              'li',
              {},
              h(
                'b',
                {class: worse ? 'bad' : 'good'},
                `${changeText(share)}, ${worse ? 'worse' : 'better'}`,
              ),
              ' since ',
              h('code', {}, point.commit.slice(0, 12)),
              point.at && ` (${point.at.slice(0, 10)})`,
              `: ${quantity(levels[i]!.median, metric.unit)} to ${quantity(level.median, metric.unit)}`,
            );
          }),
        )
      : 'No level began here: what moves is within the noise, or too few commits tell it from noise.',
    {
      head: ['commit', 'at', 'median'],
      rows: series.points.map((point) => [
        point.commit.slice(0, 12),
        point.at.slice(0, 10),
        quantity(point.value, metric.unit),
      ]),
    },
  );
}

function overview(
  all: readonly TrendSeries[],
  place: Place,
  chosen: TrendSeries | undefined,
): HTMLElement {
  const rows = all
    .map((series) => ({series, levels: levelsOf(series.points.map((point) => point.value))}))
    .sort((a, b) => b.levels.length - a.levels.length);
  return h(
    'div',
    {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table: all rows'},
    h(
      'table',
      {},
      h('caption', {}, 'Rows whose level changed come first.'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', {scope: 'col'}, 'Row'),
          h('th', {scope: 'col'}, 'Machine'),
          h('th', {scope: 'col'}, 'Over commits'),
          h('th', {scope: 'col', class: 'number'}, 'Commits'),
          h('th', {scope: 'col', class: 'number'}, 'Now'),
          h('th', {scope: 'col', class: 'number'}, 'Last change'),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(({series, levels}) => {
          const last = levels[levels.length - 1];
          const share = levels.length > 1 ? change(levels, levels.length - 1) : null;
          const worse =
            share !== null && (metricOf(series.metric).better === 'higher') === share < 0;
          return h(
            'tr',
            {'aria-selected': series === chosen ? 'true' : null},
            h(
              'th',
              {scope: 'row'},
              h(
                'a',
                {
                  href: withParams(place, {
                    row: series.row,
                    machine: series.machine,
                    project: series.project,
                  }),
                },
                series.label,
              ),
            ),
            h('td', {class: 'muted'}, series.machine),
            h('td', {}, spark(series, levels)),
            h('td', {class: 'number'}, String(series.points.length)),
            h(
              'td',
              {class: 'number'},
              last ? quantity(last.median, metricOf(series.metric).unit) : '–',
            ),
            h(
              'td',
              {class: 'number'},
              share === null
                ? h('span', {class: 'muted'}, 'none')
                : h('b', {class: worse ? 'bad' : 'good'}, changeText(share)),
            ),
          );
        }),
      ),
    ),
  );
}

function mount(root: HTMLElement, context: Context, first: Place): (place: Place) => void {
  let dropped: readonly TrendSeries[] = [];
  let place = first;
  const problem = h('p', {class: 'error', role: 'alert', hidden: true});
  const file = h('input', {
    type: 'file',
    accept: '.ndjson,.jsonl,.json',
    'aria-label': 'A history file',
    onchange: () => {
      const chosen = file.files?.[0];
      if (!chosen) return;
      void chosen
        .text()
        .then((text) => {
          dropped = trendsOf([{project: chosen.name, text}]);
          problem.hidden = true;
          update(place);
        })
        .catch((error: Error) => {
          problem.textContent = error.message;
          problem.hidden = false;
        });
    },
  });
  const body = h('div', {});
  root.append(
    h('h1', {}, 'Trends'),
    h(
      'p',
      {class: 'lead'},
      'What a project measured over its commits, one machine at a time. A level is split where the ranks on both sides differ surely (p ≤ 0.001) and by at least 3 %.',
    ),
    h(
      'div',
      {class: 'toolbar'},
      h(
        'label',
        {class: 'field'},
        'Your own store of ',
        h('code', {}, 'inferometer history'),
        file,
      ),
    ),
    problem,
    body,
  );
  const update = (next: Place): void => {
    place = next;
    void context.store
      .trends()
      .then((published) => {
        const all = [...dropped, ...published];
        if (all.length === 0) {
          replace(
            body,
            h(
              'p',
              {class: 'status'},
              'No history is published beside this page. Choose a file that ',
              h('code', {}, 'inferometer history append'),
              ' wrote; it stays on this page.',
            ),
          );
          return;
        }
        const {params} = place;
        const chosen =
          all.find(
            (series) =>
              series.row === params.get('row') &&
              (params.get('machine') ?? series.machine) === series.machine &&
              (params.get('project') ?? series.project) === series.project,
          ) ??
          [...all].sort(
            (a, b) =>
              levelsOf(b.points.map((point) => point.value)).length -
              levelsOf(a.points.map((point) => point.value)).length,
          )[0];
        const parts: Child[] = [
          chosen && detail(chosen),
          h('h2', {class: 'spaced'}, 'Every row'),
          overview(all, place, chosen),
        ];
        replace(body, parts);
      })
      .catch((error: Error) =>
        replace(body, h('p', {class: 'error', role: 'alert'}, error.message)),
      );
  };
  update(first);
  return update;
}

export const trends: View = {title: () => 'Trends', mount};

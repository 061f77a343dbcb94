// The table of Compare: each row of the base beside that of the others, with ratios and words.
import {caseKey, ratioOf, SAME, type Ratio} from '../data/compare';
import type {Group} from '../data/groups';
import {isMain, labelOf} from '../data/labels';
import {numberIn, ratioText, scaleFor} from '../data/quantity';
import type {Row} from '../data/result';
import {h, s} from '../ui/h';
import {groupName} from '../ui/picker';

export const COLORS = ['--c1', '--c2', '--c3', '--c4'] as const;

/** One of those compared: its group and the rows of its newest result. */
export interface Arm {
  readonly group: Group;
  readonly rows: readonly Row[];
}

function bars(
  values: readonly (number | null)[],
  intervals: readonly (readonly [number, number] | null)[],
  better: string,
): SVGElement {
  const most = Math.max(...values.map((value, i) => intervals[i]?.[1] ?? value ?? 0));
  const height = values.length * 9 + 2;
  const x = (value: number): number => (most > 0 ? (value / most) * 130 : 0);
  return s(
    'svg',
    {
      class: 'pair',
      viewBox: `0 0 134 ${height}`,
      width: 134,
      height,
      'aria-hidden': 'true',
      'data-better': better,
    },
    values.map(
      (value, i) =>
        value !== null &&
        s(
          'g',
          {style: `color: var(${COLORS[i] ?? '--c1'})`},
          s('rect', {
            class: 'pair-bar',
            x: 0,
            y: i * 9 + 1,
            width: Math.max(1, x(value)),
            height: 7,
          }),
          intervals[i] &&
            s('line', {
              class: 'pair-interval',
              x1: x(intervals[i]![0]),
              x2: x(intervals[i]![1]),
              y1: i * 9 + 4.5,
              y2: i * 9 + 4.5,
            }),
        ),
    ),
  );
}

function ratioCell(ratio: Ratio | null): HTMLElement {
  if (!ratio) return h('td', {class: 'number'}, '–');
  const title = `${ratio.exact ? '95 % interval of the ratio of all pairs of samples' : 'everything that the few samples allow'}`;
  return h(
    'td',
    {class: `number word-${ratio.word}`, title},
    h('b', {}, ratioText(ratio.ratio)),
    h('span', {class: 'interval'}, `${ratioText(ratio.lo)} – ${ratioText(ratio.hi)}`),
    h('span', {class: 'word'}, ratio.word),
  );
}

function rowOf(arms: readonly Arm[], base: Row, key: string): HTMLElement {
  const rows = arms.map((arm) => arm.rows.find((row) => caseKey(row) === key) ?? null);
  const values = rows.map((row) => (row?.status === 'ok' ? row.median : null));
  const scale = scaleFor(values.find((value) => value !== null) ?? 0, base.unit);
  return h(
    'tr',
    {},
    h(
      'th',
      {scope: 'row'},
      labelOf(base),
      h('span', {class: 'caveat'}, base.better === 'higher' ? '' : 'less is better'),
    ),
    h(
      'td',
      {class: 'pair-cell'},
      bars(
        values,
        rows.map((row) => row?.ci95 ?? null),
        base.better,
      ),
    ),
    rows.map((row, i) => [
      h(
        'td',
        {class: 'number'},
        row?.status === 'ok' && row.median !== null
          ? [h('b', {}, numberIn(row.median, scale)), h('span', {class: 'unit'}, ' ' + scale.unit)]
          : h(
              'span',
              {class: 'muted', title: row?.reason ?? 'not measured'},
              row ? row.status : '–',
            ),
      ),
      i > 0 &&
        ratioCell(
          row?.status === 'ok' && rows[0]?.status === 'ok'
            ? ratioOf(row.samples, rows[0].samples, base.better)
            : null,
        ),
    ]),
  );
}

export function compareTable(arms: readonly Arm[], all: boolean): HTMLElement {
  const keys = new Map<string, Row>();
  for (const arm of arms)
    for (const row of arm.rows)
      if (
        (all ||
          isMain(row) ||
          row.metric === 'ttft' ||
          row.workload === 'voice' ||
          row.metric === 'energy_per_token') &&
        row.status === 'ok'
      )
        keys.set(caseKey(row), keys.get(caseKey(row)) ?? row);
  const shared = [...keys].filter(
    ([key]) =>
      arms.filter((arm) => arm.rows.some((row) => row.status === 'ok' && caseKey(row) === key))
        .length > 0,
  );
  return h(
    'div',
    {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table: side by side'},
    h(
      'table',
      {class: 'compare'},
      h(
        'caption',
        {},
        `Ratios are over ${groupName(arms[0]!.group)}, by all pairs of samples. “Same” is an interval within ${SAME * 100} % of 1; an interval across 1 decides nothing.`,
      ),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', {scope: 'col'}, 'Workload'),
          h('th', {scope: 'col'}, h('span', {class: 'hidden'}, 'bars')),
          arms.map((arm, i) => [
            h(
              'th',
              {scope: 'col', class: 'number arm'},
              h('i', {class: 'arm-key', style: `background: var(${COLORS[i] ?? '--c1'})`}),
              groupName(arm.group),
            ),
            i > 0 && h('th', {scope: 'col', class: 'number'}, 'ratio'),
          ]),
        ),
      ),
      h(
        'tbody',
        {},
        shared.map(([key, row]) => rowOf(arms, row, key)),
      ),
    ),
  );
}

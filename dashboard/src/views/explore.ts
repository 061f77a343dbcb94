// Explore: any two numbers against each other with the front, a heat map, a histogram.
import {hrefOf, listParam, toggled, withParams, type Place} from '../app/state';
import {facetValues} from '../data/filter';
import type {Group} from '../data/groups';
import {COLUMNS, columnOf, type Column} from '../data/metrics';
import {percent, quantity} from '../data/quantity';
import {peersPlot, standing} from '../device/peers';
import {chips} from '../ui/chips';
import {figure} from '../ui/figure';
import {tickText} from '../ui/frame';
import {h, link, replace, type Child} from '../ui/h';
import {groupName, picker} from '../ui/picker';
import {scatter, type ScatterPoint} from '../ui/scatter';
import {modelName, quantName} from '../ui/text';
import {heatPart} from './explore_heat';
import {deviceHref} from './leader_table';
import {modelOf, modelsOf} from './leaderboard';
import type {Context, View} from './view';

const KINDS: readonly (readonly [string, string])[] = [
  ['scatter', 'Scatter'],
  ['heat', 'Heat map'],
  ['histogram', 'Histogram'],
];
const CLASS_COLORS: Readonly<Record<string, string>> = {
  phone: '--c3',
  tablet: '--c3',
  'single-board': '--c5',
  laptop: '--c1',
  desktop: '--c2',
  server: '--c4',
  virtual: '--c6',
};
// Beside the columns: the machine's memory, which is no measurement.
const MEMORY: Pick<Column, 'id' | 'label' | 'unit' | 'better'> = {
  id: 'memory',
  label: 'Memory of the machine',
  unit: 'B',
  better: 'lower',
};
const AXES = [...COLUMNS, MEMORY];

// On a phone the same letters need more of the picture.
const HISTOGRAM = matchMedia('(max-width: 640px)').matches
  ? ([480, 300] as const)
  : ([860, 260] as const);

function axisColumn(
  id: string | null,
  fallback: string,
): Pick<Column, 'id' | 'label' | 'unit' | 'better'> {
  return AXES.find((column) => column.id === id) ?? columnOf(fallback);
}

function numberOf(group: Group, id: string): number | null {
  return id === 'memory' ? group.memory || null : (group.value(id)?.median ?? null);
}

function textFor(column: {id: string; unit: string}, value: number): string {
  return column.id === 'roof' ? percent(value) : tickText(value, column.unit);
}

function nameWithUnit(column: {label: string; unit: string; better: string}): string {
  return `${column.label} (${column.better} is better)`;
}

function scatterPart(groups: readonly Group[], place: Place, context: Context): Child {
  const x = axisColumn(place.params.get('x'), 'energy');
  const y = axisColumn(place.params.get('y'), 'decode_0');
  const log = place.params.get('scale') !== 'linear';
  const me = place.params.get('me');
  const points: ScatterPoint[] = [];
  const of: Group[] = [];
  for (const group of groups) {
    const px = numberOf(group, x.id);
    const py = numberOf(group, y.id);
    if (px === null || py === null || (log && !(px > 0 && py > 0))) continue;
    points.push({
      x: px,
      y: py,
      name: groupName(group),
      href: deviceHref(group),
      color: CLASS_COLORS[group.text('class')] ?? '--muted',
      mine: group.id === me,
    });
    of.push(group);
  }
  const select = (key: 'x' | 'y', value: string): HTMLElement =>
    h(
      'label',
      {class: 'field'},
      key === 'x' ? 'Across' : 'Up',
      h(
        'select',
        {
          onchange: (event: Event) =>
            context.go(withParams(place, {[key]: (event.target as HTMLSelectElement).value})),
        },
        AXES.map((column) =>
          h('option', {value: column.id, selected: column.id === value}, column.label),
        ),
      ),
    );
  const tools = h(
    'div',
    {class: 'toolbar'},
    select('y', y.id),
    select('x', x.id),
    h(
      'label',
      {class: 'field'},
      h('input', {
        type: 'checkbox',
        checked: log,
        onchange: () => context.go(withParams(place, {scale: log ? 'linear' : ''})),
      }),
      'logarithmic',
    ),
  );
  if (points.length === 0)
    return [
      tools,
      h(
        'p',
        {class: 'status'},
        `No device has both ${y.label.toLowerCase()} and ${x.label.toLowerCase()}.`,
      ),
    ];
  const {element, front} = scatter({
    points,
    better: {x: x.better, y: y.better},
    log,
    xName: nameWithUnit(x),
    yName: nameWithUnit(y),
    xText: (value) => textFor(x, value),
    yText: (value) => textFor(y, value),
    follow: (href) => context.go(href),
  });
  const classes = [...new Set(groups.map((group) => group.text('class')))];
  return [
    tools,
    h(
      'div',
      {class: 'legend'},
      facetValues('class', new Set(classes), []).map((each) =>
        h(
          'span',
          {},
          h('i', {class: 'key key-dots', style: `color: var(${CLASS_COLORS[each] ?? '--muted'})`}),
          each,
        ),
      ),
    ),
    element,
    h(
      'p',
      {class: 'note'},
      `${points.length.toLocaleString('en')} devices. On the line stand those that no other beats in both.`,
    ),
    h(
      'details',
      {class: 'numbers', open: points.length <= 12},
      h('summary', {}, `The front, ${front.length} device${front.length === 1 ? '' : 's'}`),
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', {scope: 'col'}, 'Device'),
            h('th', {scope: 'col', class: 'number'}, y.label),
            h('th', {scope: 'col', class: 'number'}, x.label),
          ),
        ),
        h(
          'tbody',
          {},
          front.map((i) =>
            h(
              'tr',
              {},
              h('th', {scope: 'row'}, link(deviceHref(of[i]!), points[i]!.name)),
              h('td', {class: 'number'}, textFor(y, points[i]!.y)),
              h('td', {class: 'number'}, textFor(x, points[i]!.x)),
            ),
          ),
        ),
      ),
    ),
  ];
}

function histogramPart(groups: readonly Group[], place: Place, context: Context): Child {
  const column = columnOf(place.params.get('y') ?? 'decode_0');
  const me = groups.find((group) => group.id === place.params.get('me'));
  const values = groups
    .map((group) => group.value(column.id)?.median)
    .filter((value): value is number => value !== undefined && value > 0);
  const mine = me?.value(column.id) ?? null;
  const tools = h(
    'div',
    {class: 'toolbar'},
    h(
      'label',
      {class: 'field'},
      'Number',
      h(
        'select',
        {
          onchange: (event: Event) =>
            context.go(withParams(place, {y: (event.target as HTMLSelectElement).value})),
        },
        COLUMNS.map((each) => h('option', {value: each.id, selected: each === column}, each.label)),
      ),
    ),
    picker('Where is my device?', groups, (group) => context.go(withParams(place, {me: group.id}))),
  );
  if (values.length === 0)
    return [tools, h('p', {class: 'status'}, `No device has ${column.label.toLowerCase()}.`)];
  const sorted = [...values].sort((a, b) => a - b);
  return [
    tools,
    figure(
      column.label,
      peersPlot(values, mine, column.unit, me ? groupName(me) : '', ...HISTOGRAM),
      [
        `${values.length.toLocaleString('en')} devices, middle ${quantity(sorted[sorted.length >> 1]!, column.unit)}, on a logarithmic axis. `,
        mine ? `${standing(values, mine, column.better)}.` : '',
      ],
    ),
  ];
}

function mount(root: HTMLElement, context: Context, first: Place): (place: Place) => void {
  const update = (place: Place): void => {
    const {model, quant} = modelOf(place, context);
    void context.store.load(model, quant);
    const kind = KINDS.find(([id]) => id === place.params.get('kind'))?.[0] ?? 'scatter';
    const chosen = listParam(place.params, 'class');
    const all = [...context.store.collection.groups.values()].filter(
      (group) => group.text('model') === model && group.text('quant') === quant && !group.software,
    );
    const groups = all.filter(
      (group) => chosen.length === 0 || chosen.includes(group.text('class')),
    );
    const counts = new Map<string, number>();
    for (const group of all)
      counts.set(group.text('class'), (counts.get(group.text('class')) ?? 0) + 1);
    const pending = context.store.pending(model, quant).length;
    replace(
      root,
      h('h1', {}, 'Explore'),
      h(
        'div',
        {class: 'tabs', role: 'group', 'aria-label': 'Kind of picture'},
        KINDS.map(([id, label]) =>
          h(
            'a',
            {
              href: withParams(place, {kind: id === 'scatter' ? '' : id, page: ''}),
              'aria-current': id === kind ? 'true' : null,
            },
            label,
          ),
        ),
      ),
      h(
        'div',
        {class: 'filters'},
        chips(
          'Model',
          modelsOf(context).map((entry) => ({
            id: `${entry.model}|${entry.quant}`,
            label: `${modelName(entry.model)} ${quantName(entry.quant)}`,
            count: entry.n,
            on: entry.model === model && entry.quant === quant,
          })),
          (id) =>
            context.go(
              withParams(place, {
                model: id.split('|')[0] ?? '',
                quant: id.split('|')[1] ?? '',
                page: '',
              }),
            ),
          true,
        ),
        chips(
          'Class',
          facetValues('class', new Set(counts.keys()), chosen).map((id) => ({
            id,
            label: id,
            count: counts.get(id) ?? 0,
            on: chosen.includes(id),
          })),
          (id) => context.go(withParams(place, {class: toggled(chosen, id), page: ''})),
        ),
      ),
      pending > 0 && h('p', {class: 'status', role: 'status'}, 'Reading results …'),
      kind === 'heat'
        ? heatPart(groups, all, place, context)
        : kind === 'histogram'
          ? histogramPart(groups, place, context)
          : scatterPart(groups, place, context),
    );
  };
  update(first);
  return update;
}

export const explore: View = {title: () => 'Explore', mount};

/** The place of a histogram in which a group is marked. */
export function histogramHref(group: Group): string {
  return hrefOf('explore', '', {
    kind: 'histogram',
    model: group.text('model'),
    quant: group.text('quant'),
    me: group.id,
  });
}

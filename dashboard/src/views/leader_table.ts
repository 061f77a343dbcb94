// The table of the leaderboard: one row a device, its number with whisker, and the numbers beside it.
import {hrefOf, withParams, type Place} from '../app/state';
import type {Value} from '../data/entry';
import type {Group} from '../data/groups';
import {columnOf} from '../data/metrics';
import {binaryBytes, numberIn, percent, scaleFor} from '../data/quantity';
import {bandText, type Band} from '../data/rank';
import {h, s} from '../ui/h';
import {place as placeOn, ticksOf, type Axis} from '../ui/scale';
import {deviceName, intervalText, intervalTitle, shortSystem, TRUST_HELP} from '../ui/text';
import {whisker} from '../ui/whisker';

export interface Ranked {
  readonly group: Group;
  readonly value: Value | null;
  readonly band: Band | null;
}

export interface LeaderTable {
  readonly rows: readonly Ranked[];
  readonly by: string;
  readonly axis: Axis;
  readonly chosen: readonly string[];
  readonly choose: (group: string) => void;
  readonly place: Place;
  readonly caption: string;
}

const BESIDE = [
  'decode_0',
  'prefill_512',
  'prefill_128',
  'ttft_512',
  'decode_2048',
  'roof',
  'energy',
  'score',
];
const MOST_BESIDE = 4;
const WIDTH = 120;

export function deviceHref(group: Group): string {
  return hrefOf('device', group.text('slug'), {g: group.id});
}

function numberText(value: Value, id: string): string {
  if (id === 'roof') return percent(value.median);
  const unit = columnOf(id).unit;
  return numberIn(value.median, scaleFor(value.median, unit));
}

function unitText(value: Value, id: string): string {
  return id === 'roof' ? '' : scaleFor(value.median, columnOf(id).unit).unit;
}

function numberCell(value: Value | null, id: string, results: number): HTMLElement {
  if (!value)
    return h(
      'td',
      {class: 'number none', 'data-col': id},
      h('span', {'aria-label': 'not measured'}, '–'),
    );
  const unit = columnOf(id).unit === 'tok/s' ? '' : unitText(value, id); // the head of the column says it
  return h(
    'td',
    {class: 'number', 'data-col': id, title: intervalTitle(value, columnOf(id).unit, results)},
    numberText(value, id),
    unit && h('span', {class: 'unit'}, ' ' + unit),
  );
}

function axisHead(axis: Axis, unit: string): SVGElement {
  return s(
    'svg',
    {
      class: 'axis-head',
      viewBox: `0 0 ${WIDTH} 14`,
      width: WIDTH,
      height: 14,
      'aria-hidden': 'true',
    },
    ticksOf(axis, 1).map((tick) =>
      s(
        'text',
        {x: placeOn(axis, tick), y: 11, 'text-anchor': 'middle'},
        numberIn(tick, {...scaleFor(tick, unit), decimals: tick < 1 && unit !== 's' ? 2 : 0}),
      ),
    ),
  );
}

// What the second line says: facts that tell machines of one name apart.
function subline(group: Group): string {
  const machine = group.text('machine');
  const hardware = group.text('hardware');
  const parts = [group.text('class')];
  if (hardware && hardware !== machine) parts.push(hardware);
  if (group.memory > 0) parts.push(binaryBytes(group.memory));
  if (group.text('os')) parts.push(shortSystem(group.text('os')));
  return parts.join(' · ');
}

function row(
  table: LeaderTable,
  beside: readonly string[],
  {group, value, band}: Ranked,
): HTMLElement {
  const unit = columnOf(table.by).unit;
  const trust = group.trust;
  const machine = group.text('machine');
  const kernels = deviceName(group.text('backend'), group.text('device'));
  return h(
    'tr',
    {'data-group': group.id},
    h('td', {class: 'rank'}, band ? bandText(band) : ''),
    h(
      'th',
      {class: 'device', scope: 'row'},
      h('a', {href: deviceHref(group)}, machine),
      ' ',
      h('span', {class: 'tag'}, kernels),
      group.remarks.length > 0 &&
        h('span', {class: 'tag remarked', title: group.remarks.join(' ')}, 'remark'),
      h('span', {class: 'sub', title: subline(group)}, subline(group)),
    ),
    h(
      'td',
      {class: 'main number'},
      value
        ? [
            h('b', {}, numberText(value, table.by)),
            h('span', {class: 'unit'}, ' ' + unitText(value, table.by)),
            h(
              'span',
              {class: 'interval'},
              table.by === 'roof' ? '' : `${intervalText(value, unit)} · `,
              group.results > 1 ? `${group.results.toLocaleString('en')} results` : `n ${value.n}`,
            ),
          ]
        : '–',
    ),
    h(
      'td',
      {class: 'strip', title: value ? intervalTitle(value, unit, group.results) : null},
      value && whisker(table.axis, value, WIDTH),
    ),
    beside.map((id) => numberCell(group.value(id), id, group.results)),
    h(
      'td',
      {class: 'trust', title: TRUST_HELP[trust]},
      h('span', {class: `trust-${trust}`}, trust),
    ),
    h(
      'td',
      {class: 'pick'},
      h('input', {
        type: 'checkbox',
        'aria-label': `Compare ${machine}, ${kernels}`,
        checked: table.chosen.includes(group.id),
        onchange: () => table.choose(group.id),
      }),
    ),
  );
}

export function leaderTable(table: LeaderTable): HTMLElement {
  const by = columnOf(table.by);
  const beside = BESIDE.filter(
    (id) => id !== table.by && table.rows.some(({group}) => group.value(id) !== null),
  ).slice(0, MOST_BESIDE);
  const sortHead = (id: string): HTMLElement => {
    const column = columnOf(id);
    return h(
      'th',
      {class: 'number', scope: 'col', 'data-col': id},
      h(
        'a',
        {
          href: withParams(table.place, {by: id === 'decode_0' ? '' : id, page: ''}),
          title: `Rank by: ${column.label}. ${column.help}`,
        },
        column.short,
        column.unit === 'tok/s' && h('span', {class: 'head-unit'}, 'tok/s'),
      ),
    );
  };
  return h(
    'div',
    {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Table: ${table.caption}`},
    h(
      'table',
      {class: 'leader'},
      h('caption', {}, table.caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', {class: 'rank', scope: 'col'}, 'Place'),
          h('th', {class: 'device', scope: 'col'}, 'Device'),
          h(
            'th',
            {
              class: 'main number',
              scope: 'col',
              'aria-sort': table.place.params.get('order') === 'last' ? 'ascending' : 'descending',
              title: by.help,
            },
            by.label,
          ),
          h(
            'th',
            {class: 'strip', scope: 'col'},
            h('span', {class: 'hidden'}, 'on a logarithmic axis'),
            axisHead(table.axis, by.unit),
          ),
          beside.map(sortHead),
          h('th', {class: 'trust', scope: 'col'}, 'Trust'),
          h('th', {class: 'pick', scope: 'col'}, h('span', {class: 'hidden'}, 'Compare')),
        ),
      ),
      h(
        'tbody',
        {},
        table.rows.map((entry) => row(table, beside, entry)),
      ),
    ),
  );
}

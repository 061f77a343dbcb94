// The heat map of Explore: devices against workloads, coloured by the ratio to a fixed device or the middle.
import {numberParam, withParams, type Place} from '../app/state';
import type {Group} from '../data/groups';
import {COLUMNS} from '../data/metrics';
import {percent, quantity} from '../data/quantity';
import {h, link, type Child} from '../ui/h';
import {heatTable} from '../ui/heatmap';
import {groupName, picker} from '../ui/picker';
import {deviceHref} from './leader_table';
import type {Context} from './view';

const HEAT_ROWS = 60;

function medianOf(groups: readonly Group[], id: string): number | null {
  const values = groups
    .map((group) => group.value(id)?.median)
    .filter((value): value is number => value !== undefined && value > 0)
    .sort((a, b) => a - b);
  return values.length > 0 ? values[values.length >> 1]! : null;
}

export function heatPart(
  groups: readonly Group[],
  all: readonly Group[],
  place: Place,
  context: Context,
): Child {
  const reference = all.find((group) => group.id === place.params.get('ref'));
  const columns = COLUMNS.filter(
    (column) =>
      !['kv_base', 'kv_depth', 'throttle'].includes(column.id) &&
      groups.some((group) => group.value(column.id) !== null),
  );
  const bases = columns.map((column) =>
    reference ? (reference.value(column.id)?.median ?? null) : medianOf(all, column.id),
  );
  const sorted = [...groups].sort(
    (a, b) => (b.value('decode_0')?.median ?? 0) - (a.value('decode_0')?.median ?? 0),
  );
  const pages = Math.max(1, Math.ceil(sorted.length / HEAT_ROWS));
  const page = Math.round(numberParam(place.params, 'page', 1, 1, pages));
  const shown = sorted.slice((page - 1) * HEAT_ROWS, page * HEAT_ROWS);
  const caption = reference
    ? `Colour is the ratio to ${groupName(reference)}`
    : 'Colour is the ratio to the middle device of this model';
  return [
    h(
      'div',
      {class: 'toolbar'},
      picker('Hold against …', all, (group) => context.go(withParams(place, {ref: group.id}))),
      reference &&
        h(
          'button',
          {type: 'button', onclick: () => context.go(withParams(place, {ref: ''}))},
          'Hold against the middle',
        ),
      h(
        'span',
        {class: 'legend'},
        h('span', {}, h('i', {class: 'swatch heat-less4'}), 'worse'),
        h('span', {}, h('i', {class: 'swatch heat-same'}), 'alike'),
        h('span', {}, h('i', {class: 'swatch heat-more4'}), 'better'),
      ),
    ),
    heatTable(
      `${caption}; blue is better, orange worse.`,
      columns.map((column) => column.short),
      shown.map((group) => ({
        name: [link(deviceHref(group), groupName(group))],
        cells: columns.map((column, i) => {
          const value = group.value(column.id);
          const base = bases[i];
          const ratio =
            value && base && value.median > 0
              ? column.better === 'higher'
                ? value.median / base
                : base / value.median
              : null;
          return {
            text: value
              ? column.id === 'roof'
                ? percent(value.median)
                : quantity(value.median, column.unit).replace(' tok/s', '')
              : '–',
            ratio,
            title: value
              ? `${column.label}${ratio ? `: ${ratio.toFixed(2)} of the reference` : ''}`
              : `${column.label}: not measured`,
          };
        }),
      })),
    ),
    pages > 1 &&
      h(
        'nav',
        {class: 'pager', 'aria-label': 'Pages'},
        h(
          'button',
          {
            type: 'button',
            disabled: page === 1,
            onclick: () => context.go(withParams(place, {page: String(page - 1)})),
          },
          'Previous',
        ),
        `${page} of ${pages}`,
        h(
          'button',
          {
            type: 'button',
            disabled: page === pages,
            onclick: () => context.go(withParams(place, {page: String(page + 1)})),
          },
          'Next',
        ),
      ),
  ];
}

// A heat map as a table: rows devices, columns numbers, colour the ratio to a fixed device or the middle.
import {h, type Child} from './h';

export interface HeatCell {
  readonly text: string;
  readonly ratio: number | null; // above 1 is better; null: nothing measured
  readonly title: string;
}

/** Blue better, orange worse, in steps of the logarithm; text stays readable on all of them. */
export function heatClass(ratio: number | null): string {
  if (ratio === null || !(ratio > 0)) return 'heat-none';
  const step = Math.max(-4, Math.min(4, Math.round(Math.log2(ratio) * 1.5)));
  return `heat-${step < 0 ? 'less' : step > 0 ? 'more' : 'same'}${step === 0 ? '' : Math.abs(step)}`;
}

export function heatTable(
  caption: string,
  columns: readonly string[],
  rows: readonly {name: Child; cells: readonly HeatCell[]}[],
): HTMLElement {
  return h(
    'div',
    {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Heat map: ${caption}`},
    h(
      'table',
      {class: 'heat'},
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', {scope: 'col'}, 'Device'),
          columns.map((column) => h('th', {scope: 'col', class: 'number'}, column)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            h('th', {scope: 'row'}, row.name),
            row.cells.map((cell) =>
              h('td', {class: `number ${heatClass(cell.ratio)}`, title: cell.title}, cell.text),
            ),
          ),
        ),
      ),
    ),
  );
}

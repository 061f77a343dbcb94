// The page of one device: its newest result, or the one that the place names, and where it stands.
import {hrefOf, withParams, type Place} from '../app/state';
import {entriesOf, subjectsOf, type Entry} from '../data/entry';
import type {Group} from '../data/groups';
import {columnIndex, columnOf} from '../data/metrics';
import {openText, type ResultFile} from '../data/result';
import {devicePage} from '../device/page';
import {peersPlot, standing} from '../device/peers';
import {figure} from '../ui/figure';
import {h, link, replace, type Child} from '../ui/h';
import {TRUST_HELP} from '../ui/text';
import type {Context, View} from './view';

/** Where an entry stands among all groups of its model that are no software renderers. */
export function besideOthers(context: Context, entry: Entry, group: Group | null): Child {
  const peers = [...context.store.collection.groups.values()].filter(
    (other) =>
      other.text('model') === entry.model &&
      other.text('quant') === entry.quant &&
      !other.software &&
      other !== group,
  );
  const id = ['decode_0', 'prefill_512', 'prefill_128'].find(
    (each) => entry.values[columnIndex(each)] !== null,
  );
  if (!id || peers.length < 3) return null;
  const column = columnOf(id);
  const values = peers
    .map((other) => other.value(id)?.median)
    .filter((value): value is number => value !== undefined && value > 0);
  const mine = entry.values[columnIndex(id)]!;
  return h(
    'div',
    {class: 'plots'},
    figure(
      `Among others: ${column.label.toLowerCase()}`,
      peersPlot(values, mine, column.unit, 'this device'),
      `${standing(values, mine, column.better)} on the same model, all classes together.`,
      null,
      'plot-wide',
    ),
  );
}

function subjectOf(result: ResultFile, group: Group): number {
  return Math.max(
    0,
    subjectsOf(result).findIndex(
      (rows) =>
        rows[0]?.device === group.text('device') &&
        (rows[0]?.model?.name ?? '') === group.text('model') &&
        (rows[0]?.model?.quant ?? '') === group.text('quant'),
    ),
  );
}

function aboveOf(
  place: Place,
  context: Context,
  groups: readonly Group[],
  group: Group,
  result: string,
): HTMLElement {
  const trust = group.trust;
  const ids = group.resultIds;
  const remark = group.remark(result);
  return h(
    'div',
    {},
    h(
      'div',
      {class: 'crumbs no-print'},
      link(
        hrefOf('leaderboard', '', {model: group.text('model'), quant: group.text('quant')}),
        'Leaderboard',
      ),
      h('span', {class: `trust-${trust}`, title: TRUST_HELP[trust]}, trust),
      groups.length > 1 &&
        h(
          'label',
          {class: 'field'},
          'Measured here',
          h(
            'select',
            {
              onchange: (event: Event) =>
                context.go(
                  withParams(place, {g: (event.target as HTMLSelectElement).value, r: ''}),
                ),
            },
            groups.map((other) =>
              h(
                'option',
                {value: other.id, selected: other === group},
                `${other.text('device')} · ${other.text('model')} ${other.text('quant')}`,
              ),
            ),
          ),
        ),
      ids.length > 1 &&
        h(
          'label',
          {class: 'field'},
          `${ids.length} results`,
          h(
            'select',
            {
              onchange: (event: Event) =>
                context.go(withParams(place, {r: (event.target as HTMLSelectElement).value})),
            },
            [...ids]
              .reverse()
              .map((id, i) =>
                h('option', {value: id, selected: id === result}, i === 0 ? `${id} (newest)` : id),
              ),
          ),
        ),
      link(hrefOf('compare', '', {g: group.id}), 'Compare with …'),
    ),
    remark && h('p', {class: 'notice'}, `A maintainer remarks: ${remark}`),
  );
}

function mount(root: HTMLElement, context: Context, first: Place): (place: Place) => void {
  let shown = '';
  const update = (place: Place): void => {
    void context.store
      .load()
      .catch((error: Error) =>
        replace(root, h('p', {class: 'error', role: 'alert'}, error.message)),
      );
    const groups = context.store.collection.ofSlug(place.arg);
    const named = place.params.get('g');
    const group = groups.find((each) => each.id === named) ?? groups[0];
    if (!group) {
      if (context.store.pending().length === 0)
        replace(
          root,
          h('h1', {}, 'No such device'),
          h('p', {}, 'No published result names it. ', link('#/leaderboard', 'All devices'), '.'),
        );
      else replace(root, h('p', {class: 'status', role: 'status'}, 'Reading results …'));
      return;
    }
    const ids = group.resultIds;
    const id = ids.find((each) => each === place.params.get('r')) ?? ids[ids.length - 1]!;
    const state = [id, group.id, context.store.collection.results].join(' ');
    if (state === shown) return;
    shown = state;
    void context.store
      .resultText(id)
      .then((text) => {
        const opened = openText(text);
        if (!opened.ok) throw new Error(`result ${id}: ${opened.why}`);
        const {result} = opened;
        document.title = `${group.text('machine')} · Inferometer`;
        const known = entryGroups(result, context);
        replace(
          root,
          devicePage({
            result,
            text,
            name: `${id}.json`,
            subject: subjectOf(result, group),
            subjectHref: (i) => withParams(place, {g: known[i] ?? '', r: id}),
            beside: (entry) => besideOthers(context, entry, group),
            above: aboveOf(place, context, groups, group, id),
          }),
        );
      })
      .catch((error: Error) => {
        shown = '';
        replace(
          root,
          h(
            'p',
            {class: 'error', role: 'alert'},
            `The result could not be shown: ${error.message}`,
          ),
        );
      });
  };
  update(first);
  return update;
}

// The group of each subject of a result, as the collection names them.
function entryGroups(result: ResultFile, context: Context): string[] {
  return entriesOf(result, '').map((entry) =>
    context.store.collection.groups.has(entry.group) ? entry.group : '',
  );
}

export const device: View = {title: (place) => place.arg, mount};

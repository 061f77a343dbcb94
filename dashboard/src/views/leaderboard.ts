// The leaderboard: devices on one model, in bands that their intervals can tell apart.
import {listParam, numberParam, toggled, withParams, type Place} from '../app/state';
import type {Value} from '../data/entry';
import {applyFilter, facetValues, type Facet, type Filter} from '../data/filter';
import type {Group} from '../data/groups';
import {COLUMNS, columnOf, tierOf} from '../data/metrics';
import {rankBands, TIE} from '../data/rank';
import {chips} from '../ui/chips';
import {h, link, replace} from '../ui/h';
import {axisOf} from '../ui/scale';
import {backendName, modelName, quantName} from '../ui/text';
import {leaderTable, type LeaderTable, type Ranked} from './leader_table';
import type {Context, View} from './view';

const PAGE = 50;

const FACETS: readonly {facet: Facet; key: string; name: string}[] = [
  {facet: 'class', key: 'class', name: 'Class'},
  {facet: 'backend', key: 'backend', name: 'Backend'},
  {facet: 'os', key: 'os', name: 'System'},
  {facet: 'trust', key: 'trust', name: 'Trust'},
];

/** The model that a place names, or the one with most results. */
export function modelOf(place: Place, context: Context): {model: string; quant: string} {
  const model = place.params.get('model');
  const known = modelsOf(context);
  const named = known.filter((entry) => entry.model === model);
  const quant = place.params.get('quant');
  return (
    named.find((entry) => entry.quant === quant) ?? named[0] ?? known[0] ?? {model: '', quant: ''}
  );
}

// Models by how much there is; the index knows before the data is there.
export function modelsOf(context: Context): {model: string; quant: string; n: number}[] {
  const counts = new Map<string, {model: string; quant: string; n: number}>();
  for (const [key, entry] of context.store.collection.models) counts.set(key, {...entry});
  for (const entry of context.store.models()) {
    if (entry.model === '*') continue;
    const known = counts.get(entry.model + '|' + entry.quant);
    if (!known || known.n < entry.n) counts.set(entry.model + '|' + entry.quant, entry);
  }
  return [...counts.values()]
    .filter((entry) => entry.model)
    .sort((a, b) => b.n - a.n || (a.model < b.model ? -1 : 1));
}

function modelChips(
  place: Place,
  context: Context,
  chosen: {model: string; quant: string},
): HTMLElement {
  const list = modelsOf(context).sort((a, b) => order(a) - order(b));
  return chips(
    'Model',
    list.map(({model, quant, n}) => {
      const tier = tierOf(model, quant);
      return {
        id: model + '|' + quant,
        label: `${modelName(model)} ${quantName(quant)}${tier ? ` · ${tier}` : ''}`,
        count: n,
        on: model === chosen.model && quant === chosen.quant,
      };
    }),
    (id) => {
      const [model = '', quant = ''] = id.split('|');
      context.go(withParams(place, {model, quant, page: ''}));
    },
    true,
  );
}

function order({model, quant}: {model: string; quant: string}): number {
  const tiers = ['tiny', 'small', 'medium', 'large', 'moe'];
  return (tiers.indexOf(tierOf(model, quant)) + 1 || 9) * 100 + (quant.charCodeAt(1) || 0);
}

// The rows of one page, with their places among all. The groups are in order, best first.
function rank(
  groups: readonly Group[],
  id: string,
  last: boolean,
  wanted: number,
): {rows: Ranked[]; total: number; page: number; pages: number; without: Group[]} {
  const column = columnOf(id);
  const there: Group[] = [];
  const values: Value[] = [];
  const without: Group[] = [];
  for (const group of groups) {
    const value = group.value(id);
    if (!value) {
      without.push(group);
      continue;
    }
    there.push(group);
    values.push(value);
  }
  const total = there.length;
  const pages = Math.max(1, Math.ceil(total / PAGE));
  const page = Math.min(pages, wanted);
  const begin = last ? Math.max(0, total - page * PAGE) : (page - 1) * PAGE;
  const end = last ? total - (page - 1) * PAGE : Math.min(total, page * PAGE);
  const bands = rankBands(values, column.better, begin, end);
  const rows = there
    .slice(begin, end)
    .map((group, i) => ({group, value: values[begin + i]!, band: bands[i]!}));
  return {rows: last ? rows.reverse() : rows, total, page, pages, without};
}

function pager(
  place: Place,
  context: Context,
  page: number,
  pages: number,
  total: number,
): HTMLElement | null {
  if (pages < 2) return null;
  const to = (target: number, label: string, off: boolean) =>
    h(
      'button',
      {
        type: 'button',
        disabled: off,
        onclick: () => context.go(withParams(place, {page: target === 1 ? '' : String(target)})),
      },
      label,
    );
  const last = Math.min(total, page * PAGE);
  return h(
    'nav',
    {class: 'pager', 'aria-label': 'Pages'},
    to(1, 'First', page === 1),
    to(page - 1, 'Previous', page === 1),
    h(
      'span',
      {},
      `${((page - 1) * PAGE + 1).toLocaleString('en')}–${last.toLocaleString('en')} of ${total.toLocaleString('en')}`,
    ),
    to(page + 1, 'Next', page === pages),
    to(pages, 'Last', page === pages),
  );
}

function mount(root: HTMLElement, context: Context, first: Place): (place: Place) => void {
  let place = first;
  const head = h('div', {class: 'filters'});
  const body = h('div', {});
  const status = h('p', {class: 'status', role: 'status', 'aria-live': 'polite'});
  const search = h('input', {
    type: 'search',
    placeholder: 'Device, chip, system …',
    'aria-label': 'Search devices',
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: () => context.go(withParams(place, {q: search.value, page: ''}), true),
  });
  const by = h(
    'select',
    {
      'aria-label': 'Rank by',
      onchange: () =>
        context.go(withParams(place, {by: by.value === 'decode_0' ? '' : by.value, page: ''})),
    },
    COLUMNS.map((column) => h('option', {value: column.id}, column.label)),
  );
  const turn = h('button', {
    type: 'button',
    class: 'turn',
    onclick: () =>
      context.go(
        withParams(place, {order: place.params.get('order') === 'last' ? '' : 'last', page: ''}),
      ),
  });
  root.append(
    h(
      'div',
      {class: 'intro'},
      h('h1', {}, 'Leaderboard'),
      h(
        'p',
        {class: 'lead'},
        'How fast devices run language models on their own. Places are bands: devices whose intervals overlap, ' +
          `or that differ by less than ${TIE * 100} %, share them.`,
      ),
    ),
    h(
      'div',
      {class: 'toolbar'},
      search,
      h('label', {class: 'field'}, h('span', {}, 'Rank by'), by),
      turn,
    ),
    head,
    status,
    body,
  );

  const update = (next: Place): void => {
    place = next;
    const {store} = context;
    const {model, quant} = modelOf(place, context);
    const params = place.params;
    if (document.activeElement !== search) search.value = params.get('q') ?? '';
    const id = columnOf(params.get('by') ?? 'decode_0').id;
    by.value = id;
    const last = params.get('order') === 'last';
    turn.textContent = last ? 'Slowest first' : 'Best first';
    turn.setAttribute('aria-pressed', String(last));
    void store.load(model, quant);
    const filter: Filter = {
      model,
      quant,
      classes: listParam(params, 'class'),
      backends: listParam(params, 'backend'),
      systems: listParam(params, 'os'),
      trust: listParam(params, 'trust'),
      search: params.get('q') ?? '',
    };
    const {shown, software, flagged, counts} = applyFilter(
      store.collection.ordered(model, quant, id),
      filter,
    );
    replace(
      head,
      modelChips(place, context, {model, quant}),
      FACETS.map(({facet, key, name}) => {
        const chosen = listParam(params, key);
        const values = facetValues(facet, new Set(counts[facet].keys()), chosen);
        if (values.length < 2 && chosen.length === 0) return null;
        return chips(
          name,
          values.map((value) => ({
            id: value,
            label: facet === 'backend' ? backendName(value) : value,
            count: counts[facet].get(value) ?? 0,
            on: chosen.includes(value),
          })),
          (value) => context.go(withParams(place, {[key]: toggled(chosen, value), page: ''})),
        );
      }),
    );

    const {rows, total, page, pages, without} = rank(
      shown,
      id,
      last,
      Math.round(numberParam(params, 'page', 1, 1, 1e6)),
    );
    const pending = store.pending(model, quant).reduce((sum, shard) => sum + shard.n, 0);
    status.textContent = statusText(total, without.length, shown, columnOf(id).label, pending);
    const axis = axisOf(
      rows.flatMap(({value}) => (value ? [value.lo, value.hi] : []).filter((x) => x > 0)),
      true,
      6,
      114,
      0.04,
    );
    const chosen = listParam(params, 'with');
    const choose = (group: string): void =>
      context.go(withParams(place, {with: toggled(chosen, group)}), true);
    if (store.collection.groups.size === 0 && store.pending().length === 0) {
      status.textContent = '';
      replace(body, nothingYet());
      return;
    }
    const table = {rows, by: id, axis, chosen, choose, place};
    replace(
      body,
      compareBar(chosen, place, context),
      total + without.length === 0 && pending === 0 && clearAll(place, context),
      rows.length > 0 &&
        leaderTable({...table, caption: `${modelName(model)} ${quantName(quant)}`}),
      pager(place, context, page, pages, total),
      apart(context, 'without', without, table),
      apart(context, 'flagged', flagged, table),
      apart(context, 'software', software, table),
    );
  };
  update(first);
  return update;
}

function clearAll(place: Place, context: Context): HTMLElement {
  const none = Object.fromEntries(
    ['q', 'page', ...FACETS.map(({key}) => key)].map((key) => [key, '']),
  );
  return h(
    'button',
    {type: 'button', onclick: () => context.go(withParams(place, none))},
    'Clear search and filters',
  );
}

function nothingYet(): HTMLElement {
  return h(
    'div',
    {class: 'empty'},
    h('p', {}, 'No result is published yet. Yours can be the first:'),
    h(
      'pre',
      {tabindex: 0},
      'inferometer run --preset leaderboard --json result.json\ninferometer submit result.json',
    ),
    h('p', {}, 'or ', link('#/yours', 'look at one of your own here'), '; it stays on this page.'),
  );
}

function statusText(
  ranked: number,
  without: number,
  shown: readonly Group[],
  label: string,
  pending: number,
): string {
  if (pending > 0) return `Reading ${pending.toLocaleString('en')} more results …`;
  if (ranked + without === 0) return 'No device matches.';
  const results = shown.reduce((sum, group) => sum + group.results, 0);
  return `${ranked.toLocaleString('en')} device${ranked === 1 ? '' : 's'} from ${results.toLocaleString('en')} result${results === 1 ? '' : 's'}, by ${label.toLowerCase()}.`;
}

// What has no place in the ranks.
const APART = {
  without: [
    'Without this number',
    'Not ranked: nothing was measured here, or the result says why not.',
  ],
  flagged: ['Taken out by maintainers', 'Each says on its page why. Nothing is deleted.'],
  software: [
    'Software renderers',
    'A GPU interface that the processor emulates. These rows say nothing about a GPU, so they have no place.',
  ],
} as const;

// Folded away; which parts are open is in the URL. The rows of a closed one would cost every filter the
// time to lay them out.
function apart(
  context: Context,
  id: keyof typeof APART,
  groups: readonly Group[],
  like: Omit<LeaderTable, 'caption'>,
): HTMLElement | null {
  if (groups.length === 0) return null;
  const {place, by} = like;
  const open = listParam(place.params, 'apart');
  const toggle = (event: Event): void => {
    event.preventDefault();
    context.go(withParams(place, {apart: toggled(open, id)}), true);
  };
  const [title, why] = APART[id];
  const rows = groups.slice(0, PAGE).map((group) => ({group, value: group.value(by), band: null}));
  return h(
    'details',
    {class: 'apart', 'data-id': id, open: open.includes(id)},
    h('summary', {onclick: toggle}, `${title} (${groups.length.toLocaleString('en')})`),
    h('p', {class: 'note'}, why),
    open.includes(id) && leaderTable({...like, rows, caption: title}),
  );
}

function compareBar(chosen: readonly string[], place: Place, context: Context): HTMLElement | null {
  if (chosen.length === 0) return null;
  const names = chosen.map((id) => context.store.collection.groups.get(id)?.text('machine') ?? id);
  const enough = chosen.length >= 2 && chosen.length <= 4;
  return h(
    'div',
    {class: 'compare-bar', role: 'region', 'aria-label': 'Chosen for comparison'},
    h('span', {}, names.join(' · ')),
    enough
      ? h(
          'a',
          {class: 'button', href: `#/compare?g=${encodeURIComponent(chosen.join(','))}`},
          `Compare ${chosen.length}`,
        )
      : h(
          'span',
          {class: 'note'},
          chosen.length < 2 ? 'choose one more to compare' : 'at most four can be compared',
        ),
    h(
      'button',
      {type: 'button', onclick: () => context.go(withParams(place, {with: ''}), true)},
      'Clear',
    ),
  );
}

export const leaderboard: View = {title: () => 'Leaderboard', mount};

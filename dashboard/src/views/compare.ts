// Two to four devices or backends side by side: values, ratios with intervals, and a word for each.
import {listParam, withParams, type Place} from '../app/state';
import {caseKey, ratioOf} from '../data/compare';
import {depthCurve, sustainedOf} from '../data/curves';
import {entriesOf, subjectsOf} from '../data/entry';
import type {Group} from '../data/groups';
import {percent, quantity, ratioText} from '../data/quantity';
import {openText} from '../data/result';
import {curve} from '../ui/curve';
import {figure} from '../ui/figure';
import {h, link, replace, type Child} from '../ui/h';
import {groupLabel, groupName, picker} from '../ui/picker';
import {modelName, quantName} from '../ui/text';
import {depthSeries} from '../device/plot_curves';
import {beginnings, sameMachine} from './compare_hints';
import {COLORS, compareTable, type Arm} from './compare_table';
import {deviceHref} from './leader_table';
import type {Context, View} from './view';

const MOST = 4;

async function armOf(group: Group, context: Context): Promise<Arm> {
  const id = group.resultIds[group.resultIds.length - 1] ?? '';
  const opened = openText(await context.store.resultText(id));
  if (!opened.ok) throw new Error(`result ${id}: ${opened.why}`);
  const at = entriesOf(opened.result, id).findIndex((entry) => entry.group === group.id);
  return {group, rows: subjectsOf(opened.result)[at] ?? []};
}

function inWords(arms: readonly Arm[]): HTMLElement {
  const [base, ...others] = arms;
  const lines = others.map((arm) => {
    const words: string[] = [];
    for (const [workload, metric, name] of [
      ['decode', 'decode_rate', 'Decode'],
      ['prefill', 'prefill_rate', 'Prefill'],
    ] as const) {
      const mine = arm.rows.find(
        (row) => row.status === 'ok' && row.workload === workload && row.metric === metric,
      );
      const its =
        mine && base!.rows.find((row) => row.status === 'ok' && caseKey(row) === caseKey(mine));
      const ratio = mine && its ? ratioOf(mine.samples, its.samples, mine.better) : null;
      if (!ratio) continue;
      const size = ratio.ratio >= 1 ? ratioText(ratio.ratio) : ratioText(1 / ratio.ratio);
      words.push(
        ratio.word === 'undecided'
          ? `${name} is undecided (${ratioText(ratio.lo)} – ${ratioText(ratio.hi)})`
          : ratio.word === 'same'
            ? `${name} is the same`
            : `${name} is ${size} ${ratio.word}`,
      );
    }
    return h(
      'li',
      {},
      h('b', {}, groupName(arm.group)),
      ': ',
      words.length > 0 ? words.join('; ') + '.' : 'nothing in common was measured.',
    );
  });
  return h('ul', {class: 'verdicts'}, lines);
}

function curves(arms: readonly Arm[]): HTMLElement | null {
  const depths = arms.map((arm) => depthCurve(arm.rows));
  const sustained = arms.map((arm) => sustainedOf(arm.rows));
  const plots: Child[] = [];
  if (depths.filter((depth) => depth.points.length >= 2).length >= 2) {
    plots.push(
      figure(
        'Decode against depth',
        curve({
          description: arms
            .map(
              (arm, i) =>
                `${groupName(arm.group)}: ${depths[i]!.points.map((point) => `${point.depth}: ${quantity(point.rate, 'tok/s')}`).join(', ')}`,
            )
            .join('. '),
          xName: 'tokens in the cache',
          yName: 'tok/s',
          yZero: true,
          xText: (value) => value.toLocaleString('en'),
          yText: (value) => Number(value.toPrecision(3)).toLocaleString('en'),
          series: arms.flatMap((arm, i) =>
            depthSeries(depths[i]!, groupName(arm.group), COLORS[i] ?? '--c1')
              .slice(0, 1)
              .map((series) => ({...series, style: 'line' as const})),
          ),
        }),
        'Bands are 95 % intervals.',
      ),
    );
  }
  if (sustained.filter(Boolean).length >= 2) {
    plots.push(
      figure(
        'Sustained',
        curve({
          description: arms
            .map(
              (arm, i) =>
                `${groupName(arm.group)}: ${sustained[i]?.ratio ? percent(sustained[i]!.ratio!) : 'unknown'} left`,
            )
            .join('. '),
          xName: 'seconds of decoding',
          yName: 'of the first minute',
          yZero: true,
          xText: (value) => `${value} s`,
          yText: (value) => percent(value),
          series: arms.flatMap((arm, i) => {
            const each = sustained[i];
            if (!each) return [];
            const first =
              [...each.rates.slice(0, 60)].sort((a, b) => a - b)[
                Math.min(59, each.rates.length - 1) >> 1
              ] ?? 1;
            return [
              {
                label: groupName(arm.group),
                color: COLORS[i] ?? '--c1',
                style: 'step' as const,
                points: each.rates.map((rate, at) => [at + 1, rate / first] as const),
              },
            ];
          }),
        }),
        'Each against its own first minute.',
      ),
    );
  }
  return plots.length > 0 ? h('div', {class: 'plots'}, plots) : null;
}

function cards(place: Place, context: Context, groups: readonly Group[]): HTMLElement {
  return h(
    'ul',
    {class: 'cards'},
    groups.map((group, i) =>
      h(
        'li',
        {style: `border-color: var(${COLORS[i] ?? '--c1'})`},
        link(deviceHref(group), group.text('machine')),
        h('span', {class: 'sub'}, groupLabel(group).slice(group.text('machine').length + 2)),
        h(
          'button',
          {
            type: 'button',
            'aria-label': `Take away ${groupName(group)}`,
            onclick: () =>
              context.go(
                withParams(place, {
                  g: groups
                    .filter((other) => other !== group)
                    .map((other) => other.id)
                    .join(','),
                }),
              ),
          },
          '×',
        ),
      ),
    ),
  );
}

function mount(root: HTMLElement, context: Context, first: Place): (place: Place) => void {
  let shown = '';
  const update = (place: Place): void => {
    void context.store.load();
    const {collection} = context.store;
    const ids = listParam(place.params, 'g').slice(0, MOST);
    const groups = ids
      .map((id) => collection.groups.get(id))
      .filter((group): group is Group => group !== undefined);
    const all = place.params.get('all') === '1';
    const state = [ids.join(), all, groups.length, collection.results].join('\n');
    if (state === shown) return;
    shown = state;
    const base = groups[0];
    const candidates = [...collection.groups.values()].filter(
      (group) =>
        !groups.includes(group) &&
        (!base ||
          (group.text('model') === base.text('model') &&
            group.text('quant') === base.text('quant'))),
    );
    const body = h('div', {});
    replace(
      root,
      h('h1', {}, 'Compare'),
      h(
        'p',
        {class: 'lead'},
        base
          ? `On ${modelName(base.text('model'))} ${quantName(base.text('quant'))}. Only the same model and quantization compare.`
          : 'Two to four devices, or backends of one device, side by side. Choose the first; the others then run the same model.',
      ),
      cards(place, context, groups),
      groups.length < MOST &&
        h(
          'div',
          {class: 'toolbar'},
          picker(base ? 'Add a device …' : 'First device …', candidates, (group) =>
            context.go(withParams(place, {g: [...groups, group].map((each) => each.id).join(',')})),
          ),
        ),
      base ? sameMachine(place, context, groups, MOST) : beginnings(place, context),
      body,
    );
    if (ids.length > groups.length && context.store.pending().length === 0)
      body.append(
        h(
          'p',
          {class: 'notice'},
          `${ids.length - groups.length} of the named devices are not among the results.`,
        ),
      );
    if (groups.length < 2) return;
    void Promise.all(groups.map((group) => armOf(group, context)))
      .then((arms) => {
        const models = new Set(groups.map((group) => group.text('model') + group.text('quant')));
        replace(
          body,
          models.size > 1 &&
            h(
              'p',
              {class: 'notice'},
              'These run different models, so their ratios say little about the devices.',
            ),
          inWords(arms),
          h(
            'p',
            {class: 'note'},
            'Intervals hold what one run scatters; another day, or another driver, may move more. Of several results of a device the newest is taken.',
          ),
          curves(arms),
          h(
            'label',
            {class: 'field'},
            h('input', {
              type: 'checkbox',
              checked: all,
              onchange: () => context.go(withParams(place, {all: all ? '' : '1'}), true),
            }),
            'every metric',
          ),
          compareTable(arms, all),
        );
      })
      .catch((error: Error) =>
        replace(body, h('p', {class: 'error', role: 'alert'}, error.message)),
      );
  };
  update(first);
  return update;
}

export const compare: View = {title: () => 'Compare', mount};

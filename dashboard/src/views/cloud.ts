// Local or cloud: from which prompt and answer length on the device is done first.
import {numberParam, withParams, type Place} from '../app/state';
import {
  cloudTotal,
  deviceTimes,
  deviceTotal,
  firstTokenUpTo,
  winsUpTo,
  type Cloud,
  type DeviceTimes,
} from '../data/cloud';
import {entriesOf, subjectsOf} from '../data/entry';
import type {Group} from '../data/groups';
import {quantity, ratioText} from '../data/quantity';
import {openText} from '../data/result';
import {figure} from '../ui/figure';
import {frame} from '../ui/frame';
import {h, link, replace, s, type Child} from '../ui/h';
import {groupLabel, groupName, picker} from '../ui/picker';
import {place as placeOn, valueOfPlace, type Axis} from '../ui/scale';
import type {Context, View} from './view';

interface Knob {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly fallback: number;
  readonly low: number;
  readonly high: number;
}

const KNOBS: readonly Knob[] = [
  {key: 'ttft', label: 'Time to first token', unit: 'ms', fallback: 500, low: 0, high: 60000},
  {key: 'rate', label: 'Rate', unit: 'tok/s', fallback: 80, low: 1, high: 5000},
  {key: 'rtt', label: 'Round trip', unit: 'ms', fallback: 60, low: 0, high: 10000},
];

const TASKS: readonly (readonly [string, number, number])[] = [
  ['Completing a line of code', 512, 16],
  ['A spoken answer', 128, 64],
  ['A chat turn', 512, 256],
  ['Rewriting a paragraph', 300, 300],
  ['Summing up a long page', 4096, 200],
  ['A file of code', 2048, 1024],
];

const W = 620,
  H = 430,
  LEFT = 66,
  RIGHT = 14,
  TOP = 26,
  BOTTOM = 46,
  GRID = 44;

function map(times: DeviceTimes, cloud: Cloud): SVGElement {
  const x: Axis = {log: true, low: 8, high: 16384, from: LEFT, to: W - RIGHT};
  const y: Axis = {log: true, low: 1, high: 4096, from: H - BOTTOM, to: TOP};
  const cells: SVGElement[] = [];
  const stepX = (x.to - x.from) / GRID;
  const stepY = (y.from - y.to) / GRID;
  for (let i = 0; i < GRID; i++) {
    for (let j = 0; j < GRID; j++) {
      const prompt = valueOfPlace(x, x.from + (i + 0.5) * stepX);
      const answer = valueOfPlace(y, y.from - (j + 0.5) * stepY);
      const ratio = deviceTotal(times, prompt, answer) / cloudTotal(cloud, answer);
      const strength = Math.min(1, Math.abs(Math.log2(ratio)) / 3);
      const beyond =
        prompt > times.longestPrompt ||
        prompt + answer > Math.max(times.deepest, times.longestPrompt);
      cells.push(
        s('rect', {
          class: ratio <= 1 ? 'cell-device' : 'cell-cloud',
          x: x.from + i * stepX,
          y: y.from - (j + 1) * stepY,
          width: stepX,
          height: stepY,
          'fill-opacity': ((0.12 + 0.68 * strength) * (beyond ? 0.55 : 1)).toFixed(2),
        }),
      );
    }
  }
  const border: string[] = [];
  for (let pixel = x.from; pixel <= x.to; pixel += 2) {
    const answer = winsUpTo(times, cloud, valueOfPlace(x, pixel));
    if (answer >= 1 && answer < y.high)
      border.push(
        `${border.length === 0 ? 'M' : 'L'}${pixel.toFixed(1)} ${placeOn(y, answer).toFixed(1)}`,
      );
  }
  const edge = placeOn(x, times.longestPrompt);
  return s(
    'svg',
    {
      class: 'plot-svg map',
      viewBox: `0 0 ${W} ${H}`,
      role: 'img',
      'aria-label': `Map over prompt and answer length. ${TASKS.map(([name, prompt, answer]) => `${name}, ${prompt} and ${answer} tokens: ${deviceTotal(times, prompt, answer) <= cloudTotal(cloud, answer) ? 'the device' : 'the cloud'} is done first`).join('; ')}.`,
    },
    cells,
    frame({
      width: W,
      height: H,
      x,
      y,
      xName: 'tokens of the prompt',
      yName: 'tokens of the answer',
      xTicks: [10, 30, 100, 300, 1000, 3000, 10000],
    }),
    s('path', {class: 'border', d: border.join('')}),
    times.longestPrompt < x.high &&
      s(
        'g',
        {},
        s('line', {class: 'mark', x1: edge, x2: edge, y1: TOP, y2: H - BOTTOM}),
        s('text', {class: 'mark-name', x: edge + 5, y: TOP + 14}, 'drawn on from here'),
      ),
    TASKS.map(([, prompt, answer], i) =>
      s(
        'g',
        {},
        s('circle', {class: 'badge', cx: placeOn(x, prompt), cy: placeOn(y, answer), r: 8.5}),
        s(
          'text',
          {
            class: 'badge-text',
            x: placeOn(x, prompt),
            y: placeOn(y, answer) + 3.8,
            'text-anchor': 'middle',
          },
          String(i + 1),
        ),
      ),
    ),
  );
}

function upTo(count: number, what: string): string {
  if (count === 0) return `no ${what}`;
  return count === Infinity
    ? `every ${what}`
    : `${what}s of up to ${count.toLocaleString('en')} tokens`;
}

function taskTable(times: DeviceTimes, cloud: Cloud): HTMLElement {
  return h(
    'div',
    {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table: tasks'},
    h(
      'table',
      {},
      h(
        'caption',
        {},
        'From handing over the prompt to the last token. Tokens of the prompt and of the answer stand behind each task.',
      ),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', {scope: 'col'}, 'Task'),
          h('th', {scope: 'col', class: 'number'}, 'Prompt'),
          h('th', {scope: 'col', class: 'number'}, 'Answer'),
          h('th', {scope: 'col', class: 'number'}, 'First token, device'),
          h('th', {scope: 'col', class: 'number'}, 'Done, device'),
          h('th', {scope: 'col', class: 'number'}, 'Done, cloud'),
          h('th', {scope: 'col'}, 'First done'),
        ),
      ),
      h(
        'tbody',
        {},
        TASKS.map(([name, prompt, answer]) => {
          const mine = deviceTotal(times, prompt, answer);
          const its = cloudTotal(cloud, answer);
          return h(
            'tr',
            {},
            h('th', {scope: 'row'}, name),
            h('td', {class: 'number'}, prompt.toLocaleString('en')),
            h('td', {class: 'number'}, answer.toLocaleString('en')),
            h('td', {class: 'number'}, quantity(times.first(prompt), 's')),
            h('td', {class: 'number'}, quantity(mine, 's')),
            h('td', {class: 'number'}, quantity(its, 's')),
            h(
              'td',
              {},
              h(
                'b',
                {class: mine <= its ? 'side-device' : 'side-cloud'},
                mine <= its ? 'device' : 'cloud',
              ),
              h(
                'span',
                {class: 'muted'},
                ` ${ratioText(Math.max(mine, its) / Math.min(mine, its))}`,
              ),
            ),
          );
        }),
      ),
    ),
  );
}

function answer(group: Group, times: DeviceTimes, cloud: Cloud): Child {
  const prompt = Math.min(512, times.longestPrompt);
  return [
    h(
      'p',
      {class: 'limit'},
      `${groupName(group)} brings the first token sooner for ${upTo(firstTokenUpTo(times, cloud), 'prompt')}. ` +
        `Behind a prompt of ${prompt} tokens it is done first with ${upTo(winsUpTo(times, cloud, prompt), 'answer')}.`,
    ),
    h(
      'div',
      {class: 'plots'},
      figure(
        'Who is done first',
        map(times, cloud),
        [
          h(
            'span',
            {class: 'legend'},
            h('span', {}, h('i', {class: 'swatch cell-device'}), 'the device'),
            h('span', {}, h('i', {class: 'swatch cell-cloud'}), 'the cloud'),
          ),
          ' Darker is by more, up to eight times. Faint beyond what was measured: there the curves are drawn on.',
          h(
            'ol',
            {class: 'point-list'},
            TASKS.map(([name, prompt, answer]) =>
              h('li', {}, name, h('span', {class: 'muted'}, `, ${prompt} + ${answer}`)),
            ),
          ),
        ],
        null,
        'plot-wide',
      ),
    ),
    taskTable(times, cloud),
    h(
      'p',
      {class: 'note'},
      `The device's times come from its prefill at ${times.prompts.join(', ')} tokens and its decode up to ${times.deepest.toLocaleString('en')} cached ones, with an empty cache to begin with; a kept cache helps it more. ` +
        'The cloud is taken at its word: no queue, no failure, the prompt within its time to first token.',
    ),
  ];
}

function mount(root: HTMLElement, context: Context, first: Place): (place: Place) => void {
  let place = first;
  let shown = '';
  const body = h('div', {});
  const chooser = h('div', {class: 'toolbar'});
  const inputs = KNOBS.map((knob) => {
    const input: HTMLInputElement = h('input', {
      type: 'number',
      min: knob.low,
      max: knob.high,
      step: 'any',
      'aria-label': `${knob.label} in ${knob.unit}`,
      oninput: () =>
        context.go(
          withParams(place, {[knob.key]: input.value === String(knob.fallback) ? '' : input.value}),
          true,
        ),
    });
    return {knob, input};
  });
  root.append(
    h('h1', {}, 'Local or cloud'),
    h(
      'p',
      {class: 'lead'},
      'A device has no network and no queue; a cloud has more arithmetic. Say how your cloud endpoint answers, and see where the device is done first, by its own measured curves.',
    ),
    h(
      'fieldset',
      {class: 'knobs'},
      h('legend', {}, 'Your cloud endpoint'),
      inputs.map(({knob, input}) => h('label', {class: 'field'}, knob.label, input, knob.unit)),
    ),
    chooser,
    body,
  );
  const update = (next: Place): void => {
    place = next;
    void context.store.load();
    for (const {knob, input} of inputs) {
      if (document.activeElement !== input)
        input.value = String(
          numberParam(place.params, knob.key, knob.fallback, knob.low, knob.high),
        );
    }
    const value = (i: number): number =>
      numberParam(place.params, KNOBS[i]!.key, KNOBS[i]!.fallback, KNOBS[i]!.low, KNOBS[i]!.high);
    const cloud: Cloud = {ttft: value(0) / 1000, rate: value(1), roundTrip: value(2) / 1000};
    const groups = [...context.store.collection.groups.values()].filter(
      (group) =>
        !group.software &&
        (group.value('ttft_512') ?? group.value('ttft_128')) &&
        group.value('decode_0'),
    );
    const named = context.store.collection.groups.get(place.params.get('g') ?? '');
    // Without a choice: the device in the middle of the most measured model.
    const group = named ?? middleOf(groups);
    const state = [group?.id, context.store.collection.results].join('\n');
    if (state !== shown || chooser.childElementCount === 0) {
      shown = state;
      replace(
        chooser,
        h(
          'span',
          {class: 'chosen'},
          group
            ? [
                h('b', {}, groupName(group)),
                ' ',
                h('span', {class: 'muted'}, groupLabel(group).split(' · ').slice(1).join(' · ')),
              ]
            : 'No device with prefill and decode yet',
        ),
        groups.length > 1 &&
          picker('Another device …', groups, (picked) =>
            context.go(withParams(place, {g: picked.id})),
          ),
        group && link('#/yours', 'or your own result'),
      );
    }
    if (!group) {
      replace(
        body,
        h(
          'p',
          {class: 'status'},
          context.store.pending().length > 0
            ? 'Reading results …'
            : 'Nothing to compute with: no result has prefill and decode.',
        ),
      );
      return;
    }
    const id = group.resultIds[group.resultIds.length - 1] ?? '';
    void context.store
      .resultText(id)
      .then((text) => {
        const opened = openText(text);
        if (!opened.ok) throw new Error(opened.why);
        const at = entriesOf(opened.result, id).findIndex((entry) => entry.group === group.id);
        const times = deviceTimes(subjectsOf(opened.result)[at] ?? []);
        replace(
          body,
          times
            ? answer(group, times, cloud)
            : h('p', {class: 'notice'}, `${groupName(group)} lacks a measured prefill or decode.`),
        );
      })
      .catch((error: Error) =>
        replace(body, h('p', {class: 'error', role: 'alert'}, error.message)),
      );
  };
  update(first);
  return update;
}

function middleOf(groups: readonly Group[]): Group | undefined {
  const counts = new Map<string, number>();
  for (const group of groups)
    counts.set(group.text('model'), (counts.get(group.text('model')) ?? 0) + 1);
  const model = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  const list = groups
    .filter((group) => group.text('model') === model)
    .sort((a, b) => a.value('decode_0')!.median - b.value('decode_0')!.median);
  return list[list.length >> 1];
}

export const cloud: View = {title: () => 'Local or cloud', mount};

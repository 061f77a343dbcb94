// Where the time of a step goes: one bar of all its parts, and a table of them.
import type {Part, Stage} from '../data/profile';
import {percent, quantity} from '../data/quantity';
import {h, s} from '../ui/h';
import {shareBar} from '../ui/share_bar';

const W = 1000;
const COLOURS = 7;

type Colours = ReadonlyMap<string, string>;

// A part has one colour in all steps; those that take longest have one of their own, the rest are grey.
function coloursOf(stages: readonly Stage[]): Colours {
  const shares = new Map<string, number>();
  for (const {kernel, ops, share} of stages.flatMap((stage) => stage.parts))
    if (kernel) shares.set(ops, (shares.get(ops) ?? 0) + share);
  const names = [...shares.keys()].sort((a, b) => shares.get(b)! - shares.get(a)!);
  return new Map(names.slice(0, COLOURS).map((name, i) => [name, `part-${i + 1}`]));
}

function colour(colours: Colours, part: Part): string {
  return colours.get(part.ops) ?? 'part-rest';
}

// Below half a percent a part is there, but rounds to nothing.
function shareText(share: number): string {
  return share > 0 && share < 0.005 ? '< 1 %' : percent(share);
}

function bar(stage: Stage, colours: Colours): SVGElement {
  let x = 0;
  return s(
    'svg',
    {
      class: 'parts-bar',
      viewBox: `0 0 ${W} 30`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `${stage.name}: ${stage.parts.map((part) => `${part.ops} ${shareText(part.share)}`).join(', ')}`,
    },
    stage.parts.map((part) => {
      const width = part.share * W;
      const rect = s(
        'rect',
        {class: colour(colours, part), x, y: 0, width: Math.max(0, width - 2), height: 30},
        s('title', {}, `${part.ops}: ${quantity(part.seconds, 's')}, ${shareText(part.share)}`),
      );
      x += width;
      return rect;
    }),
  );
}

function row(part: Part, colours: Colours): HTMLElement {
  return h(
    'tr',
    {},
    h(
      'th',
      {scope: 'row'},
      h(
        'div',
        {class: 'part'},
        h('span', {class: `part-key ${colour(colours, part)}`, 'aria-hidden': 'true'}),
        h(
          'span',
          {class: 'part-name'},
          part.ops,
          part.kernel && h('span', {class: 'caveat'}, part.kernel),
        ),
      ),
    ),
    h('td', {class: 'number'}, h('b', {}, shareText(part.share))),
    h('td', {class: 'number'}, quantity(part.seconds, 's')),
    h('td', {class: 'number wide-only'}, part.count.toLocaleString('en')),
    h(
      'td',
      {class: 'number wide-only'},
      part.bytes > 0 ? quantity(part.bytes, 'B') : h('span', {class: 'muted'}, '–'),
    ),
    h(
      'td',
      {},
      part.roof
        ? shareBar(
            part.roof.fraction,
            `share-${part.roof.bound}`,
            `${percent(part.roof.fraction)} ${part.roof.bound}`,
          )
        : h('span', {class: 'muted'}, '–'),
    ),
  );
}

function stageBlock(stage: Stage, colours: Colours): HTMLElement {
  if (stage.reason)
    return h(
      'div',
      {class: 'stage'},
      h('h3', {}, stage.name),
      h('p', {class: 'note'}, `No profile: ${stage.reason}.`),
    );
  const more = stage.step_s > 0 ? stage.sum_s / stage.step_s : 1;
  return h(
    'div',
    {class: 'stage'},
    h('h3', {}, stage.name),
    h(
      'p',
      {class: 'note'},
      stage.step_s > 0 ? `${quantity(stage.step_s, 's')} as a whole` : '',
      stage.host_s !== null ? `, to which the host adds ${quantity(stage.host_s, 's')}` : '',
      stage.step_s > 0 ? '; ' : '',
      `its parts, one at a time, ${quantity(stage.sum_s, 's')}`,
      stage.step_s > 0 && Math.abs(more - 1) > 0.02
        ? more > 1
          ? ', since they overlap when they run together.'
          : ', the rest is between them.'
        : '.',
    ),
    bar(stage, colours),
    h(
      'div',
      {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Parts of: ${stage.name}`},
      h(
        'table',
        {class: 'parts'},
        h('caption', {class: 'hidden'}, stage.name),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', {scope: 'col'}, 'Part'),
            h('th', {scope: 'col', class: 'number'}, 'Share'),
            h('th', {scope: 'col', class: 'number'}, 'Time'),
            h('th', {scope: 'col', class: 'number wide-only'}, 'How many'),
            h('th', {scope: 'col', class: 'number wide-only'}, 'Bytes'),
            h('th', {scope: 'col'}, 'Of the roof'),
          ),
        ),
        h(
          'tbody',
          {},
          stage.parts.map((part) => row(part, colours)),
        ),
      ),
    ),
  );
}

export function profileSection(stages: readonly Stage[]): HTMLElement | null {
  if (stages.length === 0) return null;
  const colours = coloursOf(stages);
  return h(
    'div',
    {class: 'profile'},
    h(
      'p',
      {class: 'note'},
      'Each part by the device’s own clock, apart from the others. The roof is the read bandwidth or the highest peak of this device, whichever binds.',
    ),
    stages.map((stage) => stageBlock(stage, colours)),
  );
}

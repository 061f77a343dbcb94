// What to compare next: the other devices of the same machine, or pairs to begin with.
import {withParams, type Place} from '../app/state';
import type {Group} from '../data/groups';
import {h, link, type Child} from '../ui/h';
import {groupName} from '../ui/picker';
import {deviceName, modelName, quantName} from '../ui/text';
import type {Context} from './view';

const PAIRS = 4;

function keyOf(group: Group): string {
  return [group.text('slug'), group.text('model'), group.text('quant')].join('\n');
}

function hrefOf(place: Place, groups: readonly Group[]): string {
  return withParams(place, {g: groups.map((group) => group.id).join(',')});
}

/** Links to add what else the first group's machine has. */
export function sameMachine(
  place: Place,
  context: Context,
  groups: readonly Group[],
  most: number,
): Child {
  const first = groups[0];
  if (!first || groups.length >= most) return null;
  const same = [...context.store.collection.groups.values()]
    .filter((other) => !groups.includes(other) && keyOf(other) === keyOf(first))
    .slice(0, 4);
  return (
    same.length > 0 &&
    h(
      'p',
      {class: 'note'},
      'On the same machine: ',
      same.map((other, i) => [
        i > 0 && ', ',
        link(hrefOf(place, [...groups, other]), groupName(other)),
      ]),
    )
  );
}

/** Links to a few pairs, of one machine each: what its GPU does for it. */
export function beginnings(place: Place, context: Context): Child {
  const seen = new Map<string, Group>();
  const pairs: [Group, Group][] = [];
  for (const group of context.store.collection.groups.values()) {
    if (pairs.length >= PAIRS) break;
    if (group.software || group.flagged) continue;
    const other = seen.get(keyOf(group));
    if (other && other.text('backend') !== group.text('backend')) pairs.push([other, group]);
    else seen.set(keyOf(group), group);
  }
  if (pairs.length === 0) return null;
  return [
    h('p', {class: 'note'}, 'Or one machine by two ways:'),
    h(
      'ul',
      {},
      pairs.map(([a, b]) => {
        const name = (group: Group): string =>
          deviceName(group.text('backend'), group.text('device'));
        return h(
          'li',
          {},
          link(hrefOf(place, [a, b]), `${a.text('machine')}, ${name(a)} against ${name(b)}`),
          ' ',
          h('span', {class: 'muted'}, `${modelName(a.model)} ${quantName(a.quant)}`),
        );
      }),
    ),
  ];
}

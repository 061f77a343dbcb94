// Choosing one device of many: a text field with suggestions of the browser's own.
import type {Group} from '../data/groups';
import {Search} from '../data/search';
import {deviceName, modelName, quantName} from './text';
import {h} from './h';

let count = 0;

export function groupName(group: Group): string {
  return `${group.text('machine')}, ${deviceName(group.text('backend'), group.text('device'))}`;
}

/** Its name with the model, which tells all groups apart but for equal names; those get their result's id. */
export function groupLabel(group: Group): string {
  return `${groupName(group)} · ${modelName(group.text('model'))} ${quantName(group.text('quant'))}`;
}

/** `choose` is called with the group that was picked. At most `most` are suggested at a time. */
export function picker(
  name: string,
  groups: readonly Group[],
  choose: (group: Group) => void,
  most = 200,
): HTMLElement {
  const id = `picker-${++count}`;
  const list = h('datalist', {id});
  const labels = new Map<string, Group>();
  for (const group of groups)
    labels.set(
      labels.has(groupLabel(group))
        ? `${groupLabel(group)} (${group.resultIds[0] ?? ''})`
        : groupLabel(group),
      group,
    );
  const fill = (): void => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const searches = words.map((word) => new Search(word));
    const found: string[] = [];
    for (const [label, group] of labels) {
      if (
        words.every((word, i) => group.foundBy(searches[i]!) || label.toLowerCase().includes(word))
      )
        found.push(label);
      if (found.length >= most) break;
    }
    list.replaceChildren(...found.map((label) => h('option', {value: label})));
  };
  const take = (): void => {
    const group = labels.get(input.value);
    if (group) choose(group);
  };
  const input = h('input', {
    type: 'search',
    list: id,
    placeholder: name,
    'aria-label': name,
    autocomplete: 'off',
    onfocus: () => fill(),
    oninput: () => {
      fill();
      take();
    },
    onchange: take,
  });
  return h('span', {class: 'picker'}, input, list);
}

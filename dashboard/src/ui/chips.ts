// Rows of switches: each says what it lets through and how much there is of it.
import {h} from './h';

export interface Chip {
  readonly id: string;
  readonly label: string;
  readonly count: number;
  readonly on: boolean;
}

/** `one`: choosing one leaves the others. Chips that would show nothing are faint, not gone. */
export function chips(
  name: string,
  list: readonly Chip[],
  choose: (id: string) => void,
  one = false,
): HTMLElement {
  return h(
    'div',
    {class: 'chips', role: 'group', 'aria-label': name},
    h('span', {class: 'chips-name'}, name),
    list.map((chip) =>
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          'aria-pressed': chip.on ? 'true' : 'false',
          'data-id': chip.id,
          'data-empty': chip.count === 0 && !chip.on,
          'data-one': one,
          onclick: () => choose(chip.id),
        },
        chip.label,
        h('span', {class: 'chip-count'}, chip.count.toLocaleString('en')),
      ),
    ),
  );
}

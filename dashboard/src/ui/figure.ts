// A plot with its heading, what it says in a sentence, and its numbers for those who cannot see it.
import {h, type Child} from './h';

export interface Numbers {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function figure(
  title: string,
  plot: Child,
  caption: Child,
  numbers: Numbers | null = null,
  className = '',
): HTMLElement {
  return h(
    'figure',
    {class: `plot ${className}`},
    h('h3', {}, title),
    plot,
    h(
      'figcaption',
      {},
      caption,
      numbers &&
        numbers.rows.length > 0 &&
        h(
          'details',
          {class: 'numbers'},
          h('summary', {}, 'The numbers'),
          h(
            'div',
            {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Numbers of: ${title}`},
            h(
              'table',
              {},
              h('caption', {class: 'hidden'}, title),
              h(
                'thead',
                {},
                h(
                  'tr',
                  {},
                  numbers.head.map((text) => h('th', {scope: 'col'}, text)),
                ),
              ),
              h(
                'tbody',
                {},
                numbers.rows.map((row) =>
                  h(
                    'tr',
                    {},
                    row.map((text, i) =>
                      i === 0 ? h('th', {scope: 'row'}, text) : h('td', {class: 'number'}, text),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ),
    ),
  );
}

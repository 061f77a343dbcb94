// A short bar for a share of something, with the share in words beside it.
import {h, s, type Child} from './h';

export function shareBar(fraction: number, className: string, text: Child): HTMLElement {
  const width = Math.max(0, Math.min(1, fraction)) * 64;
  return h(
    'span',
    {class: 'share'},
    s(
      'svg',
      {viewBox: '0 0 64 8', width: 64, height: 8, 'aria-hidden': 'true'},
      s('rect', {class: 'share-all', width: 64, height: 8, rx: 2}),
      s('rect', {class: className, width, height: 8, rx: 2}),
    ),
    text,
  );
}

// The page around every view: navigation, theme, what the data is.
import {h, link} from '../ui/h';
import type {Index} from './store';

export const VIEWS: readonly (readonly [string, string])[] = [
  ['leaderboard', 'Leaderboard'],
  ['compare', 'Compare'],
  ['explore', 'Explore'],
  ['cloud', 'Local or cloud'],
  ['trends', 'Trends'],
  ['yours', 'Your result'],
];

const THEMES = ['auto', 'light', 'dark'] as const;

function storedTheme(): string {
  try {
    return localStorage.getItem('theme') ?? 'auto';
  } catch {
    return 'auto'; // pages from disk may have no storage
  }
}

export function applyTheme(theme: string): void {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  else delete document.documentElement.dataset['theme'];
  window.dispatchEvent(new Event('themechange'));
}

export function themeButton(): HTMLElement {
  let theme = storedTheme();
  applyTheme(theme);
  const button = h('button', {type: 'button', class: 'theme'});
  const show = (): void => {
    button.textContent = {auto: '◐ Auto', light: '○ Light', dark: '● Dark'}[theme] ?? 'Auto';
    button.setAttribute('aria-label', `Theme: ${theme}. Change it.`);
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme as 'auto') + 1) % THEMES.length]!;
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // It lasts as long as the page.
    }
    applyTheme(theme);
    show();
  });
  show();
  return button;
}

function mark(): HTMLElement {
  return h('a', {class: 'wordmark', href: '#/leaderboard'}, 'Inferometer');
}

export interface Shell {
  readonly main: HTMLElement;
  readonly select: (view: string) => void;
}

export function shell(root: HTMLElement, index: Index | null): Shell {
  const main = h('main', {id: 'main', tabindex: -1});
  const links = VIEWS.map(([view, label]) => link(`#/${view}`, label, {'data-view': view}));
  const views = h('nav', {'aria-label': 'Views'}, links);
  root.append(
    h(
      'a',
      {
        class: 'skip',
        href: '#main',
        onclick: (event: Event) => {
          event.preventDefault();
          main.focus();
        },
      },
      'Skip to the content',
    ),
    h('header', {class: 'top'}, h('div', {class: 'wide'}, mark(), views, themeButton())),
  );
  if (index?.demo) {
    root.append(
      h('p', {class: 'demo', role: 'note'}, 'Invented results, for tests. No such device exists.'),
    );
  }
  root.append(
    main,
    h(
      'footer',
      {class: 'bottom'},
      h(
        'div',
        {class: 'wide'},
        h(
          'p',
          {},
          index
            ? `${index.results.toLocaleString('en')} result${index.results === 1 ? '' : 's'}, ${index.generated}. `
            : 'No published results were found beside this page. ',
          'Every number can be recomputed from the samples in its file. This page asks no other server and counts no visitors.',
        ),
      ),
    ),
  );
  return {
    main,
    select: (view) => {
      for (const each of links) {
        if (each.dataset['view'] === view) {
          each.setAttribute('aria-current', 'page');
          // On a phone the views are a strip: the one that is open stands in its middle.
          views.scrollLeft = each.offsetLeft + each.offsetWidth / 2 - views.clientWidth / 2;
        } else each.removeAttribute('aria-current');
      }
    },
  };
}

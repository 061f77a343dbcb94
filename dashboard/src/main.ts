// The site: reads the place from the URL and shows its view.
import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/table.css';
import './style/plots.css';
import './style/views.css';
import {shell} from './app/shell';
import {parsePlace, type Place} from './app/state';
import {Store} from './app/store';
import {h, replace} from './ui/h';
import {views} from './views/views';

function start(): void {
  const store = new Store();
  const {main, select} = shell(document.getElementById('app') ?? document.body, store.index);
  let shown = '';
  let update: ((place: Place) => void) | null = null;

  const show = (): void => {
    const place = parsePlace(location.hash);
    const name = place.view in views ? place.view : 'leaderboard';
    const view = views[name as keyof typeof views];
    document.title = `${view.title(place)} · Inferometer`;
    const key = name + '/' + place.arg;
    try {
      if (update && shown === key) {
        update(place);
        return;
      }
      shown = key;
      select(name);
      const root = h('div', {class: `view view-${name}`});
      replace(main, root);
      update = view.mount(root, {store, go}, place);
    } catch (error) {
      update = null;
      shown = '';
      replace(
        main,
        h(
          'p',
          {class: 'error', role: 'alert'},
          `This view could not be shown: ${(error as Error).message}`,
        ),
      );
      console.error(error);
    }
    if (document.activeElement === document.body && key !== name + '/') window.scrollTo(0, 0);
  };

  const go = (href: string, over = false): void => {
    if (href === location.hash) return;
    if (over) history.replaceState(null, '', href);
    else history.pushState(null, '', href);
    show();
  };

  store.onChange(show);
  window.addEventListener('popstate', show);
  window.addEventListener('hashchange', show);
  show();
}

start();

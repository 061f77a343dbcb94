// The single-file report: the device page of the one result that the program put into it.
import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/table.css';
import './style/plots.css';
import './style/views.css';
import {themeButton} from './app/shell';
import {hrefOf, numberParam, parsePlace} from './app/state';
import {machineName} from './data/entry';
import {openText} from './data/result';
import {devicePage} from './device/page';
import {h, replace} from './ui/h';

function start(): void {
  const root = document.getElementById('app') ?? document.body;
  const main = h('main', {id: 'main'});
  root.append(
    h(
      'header',
      {class: 'top'},
      h(
        'div',
        {class: 'wide'},
        h('span', {class: 'wordmark'}, 'Inferometer'),
        h('nav', {}, ''),
        themeButton(),
      ),
    ),
    main,
    h(
      'footer',
      {class: 'bottom'},
      h(
        'div',
        {class: 'wide'},
        h('p', {}, 'One file that asks no server for anything: it can be kept, sent and printed.'),
      ),
    ),
  );
  const text = document.getElementById('result')?.textContent ?? '';
  const opened = openText(text);
  if (!opened.ok) {
    replace(
      main,
      h(
        'p',
        {class: 'error', role: 'alert'},
        `The result in this file cannot be shown: ${opened.why}.`,
      ),
    );
    return;
  }
  const {result} = opened;
  document.title = `${machineName(result)} · Inferometer`;
  const show = (): void => {
    const subject = numberParam(parsePlace(location.hash).params, 'e', 0, 0, 1000);
    replace(
      main,
      devicePage({
        result,
        text,
        name: 'inferometer-result.json',
        subject,
        subjectHref: (i) => hrefOf('result', '', {e: i === 0 ? '' : String(i)}),
      }),
    );
  };
  window.addEventListener('hashchange', show);
  show();
}

// The script stands in the head, before the page that it fills.
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();

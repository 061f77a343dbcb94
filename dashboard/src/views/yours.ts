// Your result: a file of your own, held against the schema here and shown beside the rest. Nothing leaves the page.
import {hrefOf, numberParam, withParams, type Place} from '../app/state';
import type {Entry} from '../data/entry';
import {openBytes, type ResultFile} from '../data/result';
import {devicePage} from '../device/page';
import {h, link, replace, type Child} from '../ui/h';
import {besideOthers} from './device';
import {histogramHref} from './explore';
import type {Context, View} from './view';

interface Mine {
  readonly name: string;
  readonly id: string;
  readonly text: string;
  readonly result: ResultFile;
}

let mine: Mine | null = null; // for as long as the page is open

/** Sixteen hexadecimal digits of a text: a name inside this page, no proof of anything. */
export function nameOf(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c, 0x85ebca6b) + i;
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
}

function beside(context: Context, entry: Entry): Child {
  const group = context.store.collection.groups.get(entry.group) ?? null;
  return [
    besideOthers(context, entry, group),
    group &&
      h(
        'p',
        {class: 'no-print'},
        link(hrefOf('compare', '', {g: group.id}), 'Compare it with …'),
        ' · ',
        link(histogramHref(group), 'Where it stands'),
        ' · ',
        link(hrefOf('cloud', '', {g: group.id}), 'Local or cloud'),
      ),
  ];
}

function mount(root: HTMLElement, context: Context, first: Place): (place: Place) => void {
  let place = first;
  const problem = h('p', {class: 'error', role: 'alert', hidden: true});
  const page = h('div', {});
  const take = async (file: File): Promise<void> => {
    problem.hidden = true;
    const opened = openBytes(await file.arrayBuffer());
    if (!opened.ok) {
      problem.textContent = `${file.name} cannot be shown: ${opened.why}.`;
      problem.hidden = false;
      return;
    }
    const id = nameOf(opened.text);
    if (mine?.id !== id) {
      context.store.keep(id, opened.text);
      context.store.collection.addResult(opened.result, id);
    }
    mine = {name: file.name, id, text: opened.text, result: opened.result};
    update(place);
  };
  const input = h('input', {
    type: 'file',
    accept: '.json,application/json',
    class: 'hidden',
    id: 'result-file',
    'aria-describedby': 'drop-note',
    onchange: () => {
      const file = input.files?.[0];
      if (file) void take(file);
      input.value = '';
    },
  });
  const over =
    (on: boolean) =>
    (event: DragEvent): void => {
      event.preventDefault();
      drop.toggleAttribute('data-over', on);
    };
  const drop = h(
    'div',
    {
      class: 'drop no-print',
      ondragover: over(true),
      ondragleave: over(false),
      ondrop: (event: DragEvent) => {
        over(false)(event);
        const file = event.dataTransfer?.files[0];
        if (file) void take(file);
      },
    },
    h(
      'p',
      {},
      h('label', {class: 'button', for: 'result-file'}, 'Choose a result file'),
      input,
      ' or drop one here',
    ),
    h(
      'p',
      {class: 'note', id: 'drop-note'},
      'A JSON file that ',
      h('code', {}, 'inferometer run --json FILE'),
      ' wrote. It is read and checked in this page; nothing leaves it.',
    ),
  );
  root.append(h('h1', {}, 'Your result'), drop, problem, page);
  const update = (next: Place): void => {
    place = next;
    void context.store.load();
    if (!mine) return;
    const shown = mine;
    replace(
      page,
      devicePage({
        result: shown.result,
        text: shown.text,
        name: shown.name,
        subject: numberParam(place.params, 'e', 0, 0, 1000),
        subjectHref: (i) => withParams(place, {e: i === 0 ? '' : String(i)}),
        beside: (entry) => beside(context, entry),
        above: h('p', {class: 'status', role: 'status'}, `${shown.name} is valid.`),
      }),
    );
  };
  update(first);
  return update;
}

export const yours: View = {title: () => 'Your result', mount};

// The page of one result: what the device is, what it does, what limits it, how to repeat it.
import {cacheCurves, depthCurve, sustainedOf} from '../data/curves';
import {entriesOf, machineName, subjectsOf, type Entry} from '../data/entry';
import {textAt} from '../data/json';
import {columnIndex, columnOf} from '../data/metrics';
import {stagesOf} from '../data/profile';
import {numberIn, percent, scaleFor} from '../data/quantity';
import type {ResultFile, Row} from '../data/result';
import {rooflineOf, whatLimits} from '../data/roofline';
import {voiceOf} from '../data/voice';
import {h, type Child} from '../ui/h';
import {deviceName, intervalText, modelName, quantName} from '../ui/text';
import {factList, repeatCommand} from './facts';
import {latencyFigure} from './plot_latency';
import {cacheFigures, depthFigure, sustainedFigure} from './plot_curves';
import {profileSection} from './plot_profile';
import {rooflineFigure} from './plot_roofline';
import {voiceFigure} from './plot_voice';
import {absentTable, energySection, roofsTable, rowsTable, warningList} from './tables';

export interface PageOptions {
  readonly result: ResultFile;
  readonly text: string; // the exact text of its file
  readonly name: string; // of the file, for saving it
  readonly subject: number; // which device and model is looked at
  readonly subjectHref: (subject: number) => string;
  readonly beside?: (entry: Entry) => Child; // what the site knows of others
  readonly above?: Child;
}

const FIGURES = [
  'decode_0',
  'prefill_512',
  'prefill_128',
  'ttft_512',
  'ttft_128',
  'energy',
  'first_clause',
  'sustained',
];

function figures(entry: Entry): HTMLElement {
  const shown = FIGURES.filter((id) => entry.values[columnIndex(id)])
    .filter((id, _, all) => !(id.endsWith('_128') && all.includes(id.replace('_128', '_512'))))
    .slice(0, 6);
  return h(
    'dl',
    {class: 'figures'},
    shown.map((id) => {
      const value = entry.values[columnIndex(id)]!;
      const column = columnOf(id);
      const scale = scaleFor(value.median, column.unit);
      const roof = id === 'decode_0' ? entry.values[columnIndex('roof')] : null;
      return h(
        'div',
        {},
        h('dt', {title: column.help}, column.label),
        h(
          'dd',
          {},
          h(
            'span',
            {class: 'figure-value'},
            numberIn(value.median, scale),
            h('span', {class: 'unit'}, ' ' + scale.unit),
          ),
          h(
            'span',
            {class: 'figure-interval'},
            intervalText(value, column.unit),
            roof ? ` · ${percent(roof.median)} of the roof` : '',
          ),
        ),
      );
    }),
  );
}

function subjectName(rows: readonly Row[]): string {
  const first = rows[0]!;
  const model = first.model
    ? `${modelName(first.model.name)} ${quantName(first.model.quant)}`
    : 'no model';
  return `${model} on ${deviceName(first.backend, first.device)}${first.threads > 0 ? `, ${first.threads} thread${first.threads === 1 ? '' : 's'}` : ''}`;
}

function section(title: string, ...content: Child[]): HTMLElement | null {
  return content.some((child) => child) ? h('section', {}, h('h2', {}, title), content) : null;
}

function saveLink(text: string, name: string): HTMLElement {
  const href = URL.createObjectURL(new Blob([text], {type: 'application/json'}));
  return h('a', {class: 'button no-print', href, download: name}, 'Save the JSON file');
}

function rawJson(options: PageOptions): HTMLElement {
  const pre = h('pre', {class: 'raw', tabindex: 0});
  return h(
    'details',
    {
      ontoggle: (event: Event) => {
        if ((event.target as HTMLDetailsElement).open && !pre.textContent)
          pre.textContent = JSON.stringify(options.result, null, 1);
      },
    },
    h('summary', {}, `Raw JSON, ${(options.text.length / 1024).toFixed(0)} KiB`),
    pre,
  );
}

function copyButton(text: string): HTMLElement {
  const button = h(
    'button',
    {
      type: 'button',
      class: 'no-print',
      onclick: () => {
        navigator.clipboard?.writeText(text).then(
          () => {
            button.textContent = 'Copied';
          },
          () => {
            button.textContent = 'Select it to copy';
          },
        );
      },
    },
    'Copy',
  );
  return button;
}

/** Builds the page. All text of the result becomes text nodes. */
export function devicePage(options: PageOptions): HTMLElement {
  const {result} = options;
  const subjects = subjectsOf(result);
  const chosen = Math.min(Math.max(0, options.subject), Math.max(0, subjects.length - 1));
  const rows = subjects[chosen] ?? [];
  const entry = entriesOf(result, '')[chosen];
  const {curves, caches} = cacheCurves(result);
  const software = rows.some((row) => row.software);
  const machine = machineName(result);
  const why = textAt(result.run, 'incomplete');
  const chip = textAt(result.device, 'cpu', 'name');
  const intro = [
    textAt(result.device, 'class'),
    chip !== machine ? chip : '',
    textAt(result.device, 'os', 'name'),
    (result.run.started_at ?? '').slice(0, 10),
  ]
    .filter(Boolean)
    .join(' · ');
  const plots = [
    rooflineFigure(rooflineOf(result, rows)),
    depthFigure(depthCurve(rows)),
    latencyFigure(rows),
    sustainedFigure(sustainedOf(rows)),
    voiceFigure(voiceOf(rows)),
    ...cacheFigures(curves, caches),
  ].filter((plot) => plot !== null);
  return h(
    'article',
    {class: 'device-page'},
    options.above,
    h(
      'header',
      {class: 'device-head'},
      h('h1', {}, machine),
      h('p', {class: 'lead'}, intro),
      subjects.length > 1 &&
        h(
          'nav',
          {class: 'subjects', 'aria-label': 'Device and model'},
          subjects.map((each, i) =>
            h(
              'a',
              {
                href: options.subjectHref(i),
                'aria-current': i === chosen ? 'true' : null,
                class: 'chip',
              },
              subjectName(each),
            ),
          ),
        ),
      subjects.length === 1 && h('p', {class: 'subject'}, subjectName(rows)),
    ),
    result.run.complete === false &&
      h(
        'p',
        {class: 'notice'},
        `Incomplete: the run ended before its last case${why ? ` (${why})` : ''}.`,
      ),
    software &&
      h(
        'p',
        {class: 'notice'},
        'A software renderer: the processor emulates a GPU. These rows say nothing about a GPU.',
      ),
    entry && figures(entry),
    h('p', {class: 'limit'}, whatLimits(result, rows)),
    options.beside && entry && options.beside(entry),
    plots.length > 0 && h('div', {class: 'plots'}, plots),
    section('Every row', rowsTable(rows), absentTable(rows)),
    section('Where the time of a step goes', profileSection(stagesOf(result, rows))),
    section('Energy', energySection(result, rows)),
    section('Ceilings', roofsTable(result)),
    section('Doubts', warningList(result.warnings)),
    section('Device and run', factList(result)),
    section(
      'Measure it again',
      h(
        'div',
        {class: 'command'},
        h('pre', {tabindex: 0}, h('code', {}, repeatCommand(result))),
        copyButton(repeatCommand(result)),
      ),
    ),
    section(
      'The file',
      h(
        'p',
        {class: 'note'},
        'It holds every sample, so that every number above can be recomputed.',
      ),
      saveLink(options.text, options.name),
      rawJson(options),
    ),
  );
}

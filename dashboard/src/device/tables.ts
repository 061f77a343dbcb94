// The tables of a device page: every row with its samples, what was not measured and why, roofs, energy.
import {caveatOf, labelOf, shareOfRoof} from '../data/labels';
import {metricOf} from '../data/metrics';
import {binaryBytes, numberIn, percent, quantity, scaleFor} from '../data/quantity';
import {listAt, numberAt, textAt} from '../data/json';
import type {ResultFile, Row, Warning} from '../data/result';
import {roofsOf} from '../data/roofline';
import {h, s} from '../ui/h';
import {shareBar} from '../ui/share_bar';

// Samples on a strip of ±10 % round their median; those beyond stand at the edge.
function spread(row: Row): SVGElement | null {
  const middle = row.median;
  if (middle === null || !(middle > 0) || row.samples.length < 2) return null;
  const x = (value: number): number =>
    60 + Math.max(-1, Math.min(1, (value / middle - 1) / 0.1)) * 56;
  const stride = Math.floor(row.samples.length / 60) + 1;
  return s(
    'svg',
    {class: 'spread', viewBox: '0 0 120 16', width: 120, height: 16, 'aria-hidden': 'true'},
    s('line', {class: 'spread-base', x1: 4, x2: 116, y1: 8, y2: 8}),
    row.ci95 &&
      s('rect', {
        class: 'spread-interval',
        x: x(row.ci95[0]),
        width: Math.max(1, x(row.ci95[1]) - x(row.ci95[0])),
        y: 3,
        height: 10,
      }),
    row.samples
      .filter((_, i) => i % stride === 0)
      .map((sample) =>
        s('line', {class: 'spread-sample', x1: x(sample), x2: x(sample), y1: 4, y2: 12}),
      ),
    s('line', {class: 'spread-median', x1: 60, x2: 60, y1: 1, y2: 15}),
  );
}

function correct(row: Row): HTMLElement {
  const c = row.conformance;
  if (!c) return h('span', {class: 'muted'}, 'not checked');
  const title = `NMSE ${c.nmse === null ? 'not finite' : c.nmse.toExponential(1)}, limit ${c.limit.toExponential(1)}; ${c.greedy_match} of ${c.greedy_total} greedy tokens equal`;
  return h('span', {class: c.pass ? 'good' : 'bad', title}, c.pass ? '✓ yes' : '✗ no');
}

function share(row: Row): HTMLElement | null {
  if (!row.roofline) return null;
  return shareBar(row.roofline.fraction, `share-${row.roofline.bound}`, shareOfRoof(row));
}

export function rowsTable(rows: readonly Row[]): HTMLElement | null {
  const ok = rows.filter((row) => row.status === 'ok');
  if (ok.length === 0) return null;
  return h(
    'div',
    {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table: every row'},
    h(
      'table',
      {class: 'rows'},
      h(
        'caption',
        {},
        'Medians of repetitions with their 95 % intervals; the first repetition is cold and stands apart.',
      ),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', {scope: 'col'}, 'Workload'),
          h('th', {scope: 'col', class: 'number'}, 'Median'),
          h('th', {scope: 'col', class: 'number'}, '95 % interval'),
          h('th', {scope: 'col', class: 'strip'}, 'Samples, ±10 %'),
          h('th', {scope: 'col', class: 'number'}, 'n'),
          h('th', {scope: 'col'}, 'Of the roof'),
          h('th', {scope: 'col'}, 'Correct'),
        ),
      ),
      h(
        'tbody',
        {},
        ok.map((row) => {
          const scale = scaleFor(row.median ?? 0, row.unit);
          const caveat = caveatOf(row);
          return h(
            'tr',
            {},
            h(
              'th',
              {scope: 'row'},
              h('span', {title: metricOf(row.metric).help}, labelOf(row)),
              caveat && h('span', {class: 'caveat'}, caveat),
            ),
            h(
              'td',
              {class: 'number'},
              h('b', {}, numberIn(row.median ?? 0, scale)),
              h('span', {class: 'unit'}, ' ' + scale.unit),
            ),
            h(
              'td',
              {class: 'number'},
              row.ci95
                ? `${numberIn(row.ci95[0], scale)} – ${numberIn(row.ci95[1], scale)}`
                : h(
                    'span',
                    {class: 'muted', title: row.absent['ci95']},
                    row.samples.length < 6 ? 'n < 6' : '–',
                  ),
            ),
            h('td', {class: 'strip'}, spread(row)),
            h('td', {class: 'number'}, String(row.n ?? row.samples.length)),
            h('td', {}, share(row)),
            h('td', {}, correct(row)),
          );
        }),
      ),
    ),
  );
}

/** Rows without numbers, folded: what, and why. */
export function absentTable(rows: readonly Row[]): HTMLElement | null {
  const not = rows.filter((row) => row.status !== 'ok');
  if (not.length === 0) return null;
  const failed = not.filter((row) => row.status === 'failed').length;
  const reasons = new Map<string, Row[]>();
  for (const row of not)
    reasons.set(row.status + '\n' + (row.reason ?? ''), [
      ...(reasons.get(row.status + '\n' + (row.reason ?? '')) ?? []),
      row,
    ]);
  return h(
    'details',
    {class: 'absent', open: failed > 0 || not.length === rows.length},
    h(
      'summary',
      {},
      `${not.length} row${not.length === 1 ? '' : 's'} without numbers${failed > 0 ? `, ${failed} failed` : ''}`,
    ),
    h(
      'ul',
      {},
      [...reasons.values()].map((group) =>
        h(
          'li',
          {},
          h('span', {class: group[0]!.status === 'failed' ? 'bad' : 'warn'}, group[0]!.status),
          ' ',
          h('b', {}, group.map(labelOf).join(', ')),
          ': ',
          group[0]!.reason ?? '',
        ),
      ),
    ),
  );
}

function howOf(params: Readonly<Record<string, unknown>>): string {
  const streams = numberAt(params, 'streams');
  const page = numberAt(params, 'page_bytes');
  const stores = textAt(params, 'stores');
  return [
    streams ? `${streams} stream${streams === 1 ? '' : 's'} a thread` : '',
    page ? `${binaryBytes(page)} pages` : '',
    stores ? `stores: ${stores}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

export function roofsTable(result: ResultFile): HTMLElement {
  const roofs = roofsOf(result);
  if (roofs.length === 0)
    return h('p', {class: 'muted'}, 'No ceilings were measured, so no row is held against a roof.');
  return h(
    'div',
    {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table: ceilings'},
    h(
      'table',
      {},
      h(
        'caption',
        {},
        'Measured before, between and after the workloads: a row is held against the roof of its own minutes.',
      ),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', {scope: 'col'}, 'Ceiling'),
          h('th', {scope: 'col', class: 'number'}, 'Middle'),
          h('th', {scope: 'col', class: 'number'}, 'Over the run'),
          h('th', {scope: 'col', class: 'number'}, 'Times'),
          h('th', {scope: 'col'}, 'Device'),
        ),
      ),
      h(
        'tbody',
        {},
        roofs.map((roof) => {
          const scale = scaleFor(roof.middle, roof.unit);
          const how = howOf(roof.params);
          return h(
            'tr',
            {},
            h(
              'th',
              {scope: 'row'},
              h('span', {title: metricOf(roof.metric).help}, metricOf(roof.metric).label),
              how && h('span', {class: 'caveat'}, how),
            ),
            h(
              'td',
              {class: 'number'},
              h('b', {}, numberIn(roof.middle, scale)),
              h('span', {class: 'unit'}, ' ' + scale.unit),
            ),
            h(
              'td',
              {class: 'number'},
              roof.n > 1
                ? `${numberIn(roof.low, scale)} – ${numberIn(roof.high, scale)}`
                : h('span', {class: 'muted'}, 'once'),
            ),
            h('td', {class: 'number'}, String(roof.n)),
            h(
              'td',
              {},
              roof.threads > 0
                ? `${roof.device}, ${roof.threads} thread${roof.threads === 1 ? '' : 's'}`
                : roof.device,
            ),
          );
        }),
      ),
    ),
  );
}

/** Joules per token of every workload that has them, with what counted and the idle power; else why not. */
export function energySection(result: ResultFile, rows: readonly Row[]): HTMLElement | null {
  const counted = rows.filter(
    (row) => row.metric === 'energy_per_token' && row.status === 'ok' && row.median !== null,
  );
  if (counted.length > 0) {
    return h(
      'div',
      {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table: energy'},
      h(
        'table',
        {},
        h(
          'caption',
          {},
          'Joules over the decode window only; idle power is in them and stands beside.',
        ),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', {scope: 'col'}, 'Workload'),
            h('th', {scope: 'col', class: 'number'}, 'Per token'),
            h('th', {scope: 'col', class: 'number'}, 'Tokens per joule'),
            h('th', {scope: 'col'}, 'Counted by'),
            h('th', {scope: 'col', class: 'number'}, 'Idle'),
          ),
        ),
        h(
          'tbody',
          {},
          counted.map((row) => {
            const idle = numberAt(row.params, 'energy', 'idle_w');
            return h(
              'tr',
              {},
              h('th', {scope: 'row'}, labelOf(row)),
              h('td', {class: 'number'}, quantity(row.median!, 'J/tok')),
              h('td', {class: 'number'}, row.median! > 0 ? (1 / row.median!).toPrecision(3) : '–'),
              h(
                'td',
                {},
                [textAt(row.params, 'energy', 'source'), textAt(row.params, 'energy', 'scope')]
                  .filter(Boolean)
                  .join(', '),
              ),
              h(
                'td',
                {class: 'number'},
                idle === null
                  ? h(
                      'span',
                      {class: 'muted', title: textAt(row.params, 'energy', 'idle_reason')},
                      'unknown',
                    )
                  : `${idle.toPrecision(3)} W`,
              ),
            );
          }),
        ),
      ),
    );
  }
  const device = rows[0]?.device;
  const why = listAt(result.run, 'energy').find((entry) => textAt(entry, 'device') === device);
  const reason =
    textAt(why, 'reason') || rows.find((row) => row.metric === 'energy_per_token')?.reason;
  return reason ? h('p', {class: 'muted'}, `Joules were not counted: ${reason}.`) : null;
}

export function warningList(warnings: readonly Warning[]): HTMLElement | null {
  if (warnings.length === 0) return null;
  return h(
    'ul',
    {class: 'warnings'},
    warnings.map((warning) =>
      h(
        'li',
        {},
        h(
          'b',
          {},
          warning.message.replace(/^./, (first) => first.toUpperCase()),
        ),
        h('span', {class: 'remedy'}, warning.remedy),
      ),
    ),
  );
}

export function shareText(fraction: number | null): string {
  return fraction === null ? '' : percent(fraction);
}

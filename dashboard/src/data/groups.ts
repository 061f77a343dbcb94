// Results of one device on one model, taken together: what a row of the leaderboard shows.
import {textOf, valueAt, type Table} from './columns';
import {entriesOf, hasNumbers, type Entry, type Trust, type Value} from './entry';
import {COLUMNS, columnOf} from './metrics';
import {pack} from './columns';
import type {ResultFile} from './result';
import type {Search} from './search';

/** What the switches of the leaderboard go by. There are few different ones, and each is one object, so
 *  that filters judge each once. */
export interface Facets {
  readonly class: string;
  readonly backend: string;
  readonly os: string;
  readonly trust: Trust;
}

export function systemOf(os: string): string {
  if (/windows/i.test(os)) return 'Windows';
  if (/mac ?os|darwin/i.test(os)) return 'macOS';
  if (/android/i.test(os)) return 'Android';
  if (/\bios\b/i.test(os)) return 'iOS';
  return os ? 'Linux' : 'unknown';
}

const FACETS = new Map<string, Facets>();

function facetsOf(facets: Facets): Facets {
  const key = [facets.class, facets.backend, facets.os, facets.trust].join('\n');
  const known = FACETS.get(key);
  if (known) return known;
  FACETS.set(key, facets);
  return facets;
}

/** A place in a table: which table, which row. */
interface Place {
  readonly table: Table;
  readonly i: number;
}

export class Group {
  readonly id: string;
  readonly model: string;
  readonly quant: string;
  readonly software: boolean;
  private readonly places: Place[] = [];
  // The newest result speaks for what does not change between results.
  private table: Table;
  private i: number;
  results = 0;
  private cache: Map<string, Value | null> | null = null;
  // What was asked for last: filters ask every group for one column, again and again.
  private lastColumn = '';
  private lastValue: Value | null = null;
  private seen: Facets | null = null;
  private out: boolean | null = null;

  constructor(id: string, table: Table, i: number) {
    this.id = id;
    this.table = table;
    this.i = i;
    this.model = textOf(table, 'model', i);
    this.quant = textOf(table, 'quant', i);
    this.software = ((table.flags[i] ?? 0) & 1) !== 0;
  }

  /** Takes a result in, newer than those before. */
  add(table: Table, i: number): void {
    this.places.push({table, i});
    this.results++;
    this.table = table;
    this.i = i;
    this.forget();
  }

  text(key: Parameters<typeof textOf>[1]): string {
    return textOf(this.table, key, this.i);
  }

  get memory(): number {
    return this.table.memory[this.i] ?? 0;
  }

  get modelBytes(): number {
    return this.table.modelBytes[this.i] ?? 0;
  }

  get threads(): number {
    return this.table.threads[this.i] ?? 0;
  }

  get warnings(): number {
    return this.table.warnings[this.i] ?? 0;
  }

  get resultIds(): string[] {
    return this.places.map((place) => textOf(place.table, 'result', place.i));
  }

  foundBy(search: Search): boolean {
    return search.finds(this.table, this.i);
  }

  value(column: string): Value | null {
    if (column === this.lastColumn) return this.lastValue;
    this.cache ??= new Map();
    let value = this.cache.get(column);
    if (value === undefined) {
      value = this.results === 1 ? valueAt(this.table, column, this.i) : this.ofKeys(column);
      this.cache.set(column, value);
    }
    this.lastColumn = column;
    this.lastValue = value;
    return value;
  }

  // Several results of one key are one voice; what is flagged as an error has none.
  private ofKeys(column: string): Value | null {
    const voices = new Map<string, (Value | null)[]>();
    for (const {table, i} of this.places) {
      if (!this.flagged && textOf(table, 'flag', i) === 'error') continue;
      const key = textOf(table, 'publisher', i) || textOf(table, 'result', i);
      voices.set(key, [...(voices.get(key) ?? []), valueAt(table, column, i)]);
    }
    return together([...voices.values()].map(together));
  }

  // Another result has come: what was worked out of the others is void.
  private forget(): void {
    this.cache = null;
    this.lastColumn = '';
    this.seen = null;
    this.out = null;
  }

  get facets(): Facets {
    this.seen ??= facetsOf({
      class: this.text('class'),
      backend: this.text('backend'),
      os: systemOf(this.text('os')),
      trust: this.trust,
    });
    return this.seen;
  }

  /** The best tier of its results. */
  get trust(): Trust {
    const tiers = new Set(this.places.map(({table, i}) => textOf(table, 'trust', i)));
    return tiers.has('reproduced')
      ? 'reproduced'
      : tiers.has('corroborated')
        ? 'corroborated'
        : 'self-reported';
  }

  /** Whether maintainers have taken every result of it out of ranks; such a group stays visible, apart. */
  get flagged(): boolean {
    this.out ??= this.places.every(({table, i}) => textOf(table, 'flag', i) === 'error');
    return this.out;
  }

  get remarks(): string[] {
    return this.resultIds.map((id) => this.remark(id)).filter(Boolean);
  }

  /** What maintainers have remarked about a result. */
  remark(result: string): string {
    const place = this.places.find(({table, i}) => textOf(table, 'result', i) === result);
    return place ? textOf(place.table, 'remark', place.i) : '';
  }
}

function middle(sorted: readonly number[]): number {
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** The order-statistic 95 % interval of the median of sorted values; null below six. */
export function medianInterval(sorted: readonly number[]): [number, number] | null {
  const n = sorted.length;
  let term = Math.pow(0.5, n);
  if (term === 0) {
    // beyond a thousand the normal approximation of ranks is exact enough
    const k = Math.floor(n / 2 - 0.98 * Math.sqrt(n));
    return [sorted[k]!, sorted[n - 1 - k]!];
  }
  let tail = 0;
  let best: [number, number] | null = null;
  for (let k = 0; k < n >> 1; k++) {
    tail += term;
    if (1 - 2 * tail < 0.95) break;
    best = [sorted[k]!, sorted[n - 1 - k]!];
    term *= (n - k) / (k + 1);
  }
  return best;
}

/** Several results as one value: the median of medians. From six results on with the interval of that
 *  median; below, with everything that any of them allows. `n` counts samples of one, else results. */
export function together(values: readonly (Value | null)[]): Value | null {
  const there = values.filter((value): value is Value => value !== null);
  if (there.length <= 1) return there[0] ?? null;
  const medians = there.map((value) => value.median).sort((a, b) => a - b);
  const interval = medianInterval(medians);
  return {
    median: middle(medians),
    lo: interval ? interval[0] : Math.min(...there.map((value) => value.lo)),
    hi: interval ? interval[1] : Math.max(...there.map((value) => value.hi)),
    n: there.length,
    kind: interval ? 'ci95' : 'range',
  };
}

/** All that the page knows: grows as shards arrive. */
export class Collection {
  readonly groups = new Map<string, Group>();
  /** How many results there are of each model. */
  readonly models = new Map<string, {readonly model: string; readonly quant: string; n: number}>();
  results = 0;
  private order = new Map<string, readonly Group[]>();

  add(table: Table): void {
    const order = [...Array(table.n).keys()].sort((a, b) =>
      textOf(table, 'date', a) < textOf(table, 'date', b) ? -1 : 1,
    );
    for (const i of order) {
      const id = textOf(table, 'group', i);
      let group = this.groups.get(id);
      if (!group) {
        group = new Group(id, table, i);
        this.groups.set(id, group);
      }
      group.add(table, i);
      const {model, quant} = group;
      const known = this.models.get(model + '|' + quant);
      if (known) known.n++;
      else this.models.set(model + '|' + quant, {model, quant, n: 1});
    }
    this.results += table.n;
    this.order.clear();
  }

  /** The groups of a model, best first by a column, those without it last. Sorted once, for all filters. */
  ordered(model: string, quant: string, column: string): readonly Group[] {
    const key = [model, quant, column].join('\n');
    let list = this.order.get(key);
    if (!list) {
      const sign = columnOf(column).better === 'higher' ? -1 : 1;
      const of = [...this.groups.values()].filter(
        (group) => group.model === model && group.quant === quant,
      );
      const medians = Float64Array.from(
        of,
        (group) => sign * (group.value(column)?.median ?? sign * Infinity),
      );
      list = [...of.keys()].sort((a, b) => medians[a]! - medians[b]! || a - b).map((i) => of[i]!);
      this.order.set(key, list);
    }
    return list;
  }

  addResult(result: ResultFile, id: string): Entry[] {
    const entries = entriesOf(result, id).filter(hasNumbers);
    this.add(pack(entries));
    return entries;
  }

  ofSlug(slug: string): Group[] {
    return [...this.groups.values()].filter((group) => group.text('slug') === slug);
  }

  /** Columns that any group has a value of. */
  columns(groups: Iterable<Group>): string[] {
    const list = [...groups];
    return COLUMNS.map((column) => column.id).filter((id) =>
      list.some((group) => group.value(id) !== null),
    );
  }
}

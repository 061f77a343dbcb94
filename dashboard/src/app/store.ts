// What data files bring, and who waits for it. Files are scripts, since a page from disk may fetch nothing.
import {Collection} from '../data/groups';
import type {Table} from '../data/columns';
import {prepareSearch} from '../data/search';
import type {TrendSeries} from '../data/trends';

export interface Shard {
  readonly file: string;
  readonly model: string;
  readonly quant: string;
  readonly n: number;
}

export interface Index {
  readonly version: 1;
  readonly generated: string;
  readonly results: number; // result files
  readonly entries: number;
  readonly shards: readonly Shard[];
  readonly demo: boolean; // invented results, for tests
  readonly raw: boolean; // whether data/results/ holds each file
  readonly trends: readonly string[];
}

interface Global {
  index?: Index;
  shards: Record<string, string>;
  results: Record<string, string>;
  trends?: readonly TrendSeries[];
}

declare global {
  interface Window {
    inferometer?: Global;
  }
}

// Safari knows no idle time.
function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(work, {timeout: 2000});
  else setTimeout(work, 200);
}

export class Store {
  readonly collection = new Collection();
  readonly index: Index | null;
  private readonly wanted = new Map<string, Promise<void>>();
  private readonly listeners = new Set<() => void>();

  constructor() {
    window.inferometer ??= {shards: {}, results: {}};
    this.index = window.inferometer.index ?? null;
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  private script(file: string): Promise<void> {
    let promise = this.wanted.get(file);
    if (!promise) {
      promise = new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = file;
        script.onload = () => resolve();
        script.onerror = () => reject(new Error(`${file} could not be read`));
        document.head.append(script);
      });
      this.wanted.set(file, promise);
    }
    return promise;
  }

  /** Which (model, quant) pairs there are, with how many entries, from the index alone. */
  models(): {model: string; quant: string; n: number}[] {
    const counts = new Map<string, {model: string; quant: string; n: number}>();
    for (const shard of this.index?.shards ?? []) {
      const key = shard.model + '|' + shard.quant;
      const known = counts.get(key) ?? {model: shard.model, quant: shard.quant, n: 0};
      known.n += shard.n;
      counts.set(key, known);
    }
    return [...counts.values()];
  }

  /** Files still to be read of a model, or of all. */
  pending(model?: string, quant?: string): Shard[] {
    return (this.index?.shards ?? []).filter(
      (shard) =>
        !this.loaded.has(shard.file) &&
        (model === undefined ||
          shard.model === '*' ||
          (shard.model === model && shard.quant === quant)),
    );
  }

  private readonly loaded = new Set<string>();

  /** Reads the files of a model (or all), telling listeners after each. */
  async load(model?: string, quant?: string): Promise<void> {
    for (const shard of this.pending(model, quant)) {
      await this.script(shard.file);
      if (this.loaded.has(shard.file)) continue;
      const text = window.inferometer?.shards[shard.file];
      if (text === undefined) throw new Error(`${shard.file} holds no data`);
      delete window.inferometer?.shards[shard.file];
      this.loaded.add(shard.file);
      const table = JSON.parse(text) as Table;
      this.collection.add(table);
      this.changed();
      whenIdle(() => prepareSearch(table));
      await new Promise((resolve) => setTimeout(resolve)); // what is there is painted first
    }
  }

  /** The exact text of a published result. */
  async resultText(id: string): Promise<string> {
    if (!/^[0-9a-f]{16}$/.test(id)) throw new Error(`'${id}' is no id of a result`);
    const known = window.inferometer?.results[id];
    if (known !== undefined) return known;
    await this.script(`data/results/${id}.js`);
    const text = window.inferometer?.results[id];
    if (text === undefined) throw new Error(`data/results/${id}.js holds no result`);
    return text;
  }

  /** A result that the reader dropped on the page; it stays here. */
  keep(id: string, text: string): void {
    (window.inferometer ??= {shards: {}, results: {}}).results[id] = text;
  }

  async trends(): Promise<readonly TrendSeries[]> {
    for (const file of this.index?.trends ?? []) await this.script(file);
    return window.inferometer?.trends ?? [];
  }
}

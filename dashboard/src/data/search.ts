// Which entries of a table a search finds: each different text is looked at once, however many entries have it.
import type {Table} from './columns';

/** The texts that a search looks through. */
const SEARCHED = ['machine', 'hardware', 'class', 'os', 'device', 'model', 'quant'] as const;

/** The different texts of a table in lower case, one behind the other: `begins[k]` is where text k, the
 *  string `strings[k]` of the table, begins in `all`. */
interface Texts {
  readonly strings: Int32Array;
  readonly begins: Int32Array; // and where the last one ends
  readonly all: string;
  readonly hits: Map<string, Uint8Array>; // entries by word
}

const MOST_WORDS = 16;
const known = new WeakMap<Table, Texts>();

function textsOf(table: Table): Texts {
  let texts = known.get(table);
  if (!texts) {
    const searched = new Uint8Array(table.strings.length);
    for (const key of SEARCHED) {
      for (const i of table.text[key]) searched[i] = 1;
    }
    const strings = Int32Array.from(searched.keys()).filter((i) => searched[i] === 1);
    const lower = Array.from(strings, (i) => table.strings[i]!.toLowerCase());
    const begins = new Int32Array(lower.length + 1);
    for (const [k, text] of lower.entries()) begins[k + 1] = begins[k]! + text.length + 1;
    texts = {strings, begins, all: lower.join('\n') + '\n', hits: new Map()};
    known.set(table, texts);
  }
  return texts;
}

/** Does beforehand what the first search of a table would else wait for. */
export function prepareSearch(table: Table): void {
  textsOf(table);
}

// A word has no white space, so that it is found in one text or in none.
function entriesWith(table: Table, word: string): Uint8Array {
  const {strings, begins, all, hits} = textsOf(table);
  let entries = hits.get(word);
  if (!entries) {
    const found = new Uint8Array(table.strings.length);
    let k = 0;
    for (let at = all.indexOf(word); at >= 0; at = all.indexOf(word, begins[k]!)) {
      while (begins[k + 1]! <= at) k++;
      found[strings[k]!] = 1;
      k++;
    }
    entries = new Uint8Array(table.n);
    for (const key of SEARCHED) {
      const column = table.text[key];
      for (let i = 0; i < entries.length; i++) entries[i]! |= found[column[i]!]!;
    }
    if (hits.size >= MOST_WORDS) hits.clear();
    hits.set(word, entries);
  }
  return entries;
}

/** All words of a query, in any order, each anywhere. */
export class Search {
  private readonly words: readonly string[];
  private readonly entries = new Map<Table, Uint8Array<ArrayBuffer>>();
  private table: Table | null = null;
  private found = new Uint8Array();

  constructor(query: string) {
    this.words = query.toLowerCase().split(/\s+/).filter(Boolean);
  }

  finds(table: Table, i: number): boolean {
    if (this.words.length === 0) return true;
    if (table !== this.table) {
      this.table = table;
      this.found = this.entries.get(table) ?? this.foundIn(table);
    }
    return this.found[i] === 1;
  }

  private foundIn(table: Table): Uint8Array<ArrayBuffer> {
    const found = new Uint8Array(table.n).fill(1);
    for (const word of this.words) {
      const entries = entriesWith(table, word);
      for (let i = 0; i < found.length; i++) found[i]! &= entries[i]!;
    }
    this.entries.set(table, found);
    return found;
  }
}

// What a search finds is what a plain look at every text of every entry finds.
import {describe, expect, test} from 'vitest';
import {entryAt, pack} from '../../src/data/columns';
import {entriesOf, type Entry} from '../../src/data/entry';
import {prepareSearch, Search} from '../../src/data/search';
import {invented} from './samples';

const KEYS = ['machine', 'hardware', 'class', 'os', 'device', 'model', 'quant'] as const;

function plain(entry: Entry, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => KEYS.some((key) => entry[key].toLowerCase().includes(word)));
}

const first = entriesOf(invented(0), '0')[0]!;
const entries = [
  ...Array.from({length: 20}, (_, i) => entriesOf(invented(i), String(i))).flat(),
  {...first, machine: 'İstanbul', result: 'only-here'},
  {...first, machine: 'two\nlines', hardware: 'one'},
  {...first, machine: '', hardware: '', os: ''},
];

describe('search', () => {
  const table = pack(entries);
  const indices = [...entries.keys()];

  test.each([
    '',
    ' ',
    'invented',
    'LAPTOP linux',
    'laptop  4',
    'e',
    'istanbul',
    'İstanbul',
    'lines',
    'q4_k_m cpu',
    'cpu q4_k_m',
    'two one',
    'only-here', // the id of a result is not looked through
    'no such device',
    '.*',
  ])('for %j', (query) => {
    const search = new Search(query);
    expect(indices.filter((i) => search.finds(table, i))).toEqual(
      indices.filter((i) => plain(entryAt(table, i), query)),
    );
  });

  test('finds something, and not everything, by a class', () => {
    const search = new Search('phone');
    const found = indices.filter((i) => search.finds(table, i)).length;
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(entries.length);
  });

  test('keeps tables apart, prepared or not', () => {
    const other = pack([{...first, machine: 'Elsewhere'}]);
    prepareSearch(other);
    const search = new Search('elsewhere');
    expect(search.finds(other, 0)).toBe(true);
    expect(search.finds(table, 0)).toBe(false);
    expect(search.finds(other, 0)).toBe(true);
  });

  test('answers more words than it remembers', () => {
    for (let n = 0; n < 40; n++) expect(new Search(`word${n}`).finds(table, 0)).toBe(false);
    expect(new Search('invented').finds(table, 0)).toBe(true);
  });
});

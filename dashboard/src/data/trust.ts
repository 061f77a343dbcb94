// How far entries can be trusted, by who else says the same: the tiers of results/README.md.
import type {Entry, Trust} from './entry';
import {columnIndex} from './metrics';

const AGREEMENT = 0.1;
const KEYS = 3;

function agree(a: number, b: number): boolean {
  return a > 0 && b > 0 && Math.abs(a - b) <= AGREEMENT * Math.min(a, b);
}

// What is compared: the first of these that both have.
const RATES = ['decode_0', 'prefill_512', 'prefill_128'].map(columnIndex);

/** The tier of each entry: same hardware, kernels, model and quantization; keys are counted, not results, and
 *  what is flagged as an error neither gives nor gets. */
export function trustOf(entries: readonly Entry[], maintainers: ReadonlySet<string>): Trust[] {
  const subjects = new Map<string, Entry[]>();
  const subject = (entry: Entry): string =>
    [entry.hardware, entry.device, entry.model, entry.quant].join('\n');
  for (const entry of entries) {
    if (entry.flag === 'error' || !entry.publisher) continue;
    const list = subjects.get(subject(entry));
    if (list) list.push(entry);
    else subjects.set(subject(entry), [entry]);
  }
  return entries.map((entry) => {
    const rate = RATES.find((i) => entry.values[i]);
    if (entry.flag === 'error' || rate === undefined) return 'self-reported';
    const keys = new Set<string>();
    for (const other of subjects.get(subject(entry)) ?? []) {
      const value = other.values[rate];
      if (value && agree(value.median, entry.values[rate]!.median)) keys.add(other.publisher);
    }
    if ([...keys].some((key) => maintainers.has(key))) return 'reproduced';
    return keys.size >= KEYS ? 'corroborated' : 'self-reported';
  });
}

// Results for tests: the shared sample of the project, and invented ones.
import {readFileSync} from 'node:fs';
import {openText, type ResultFile} from '../../src/data/result';
import {Random} from '../../tools/random';
import {machineOf} from '../../tools/synthetic_machines';
import {MODELS, syntheticResult} from '../../tools/synthetic_result';

export const sampleText = readFileSync(
  new URL('../../../tests/fixtures/results/sample.json', import.meta.url),
  'utf8',
);

export function sample(): ResultFile {
  const opened = openText(sampleText);
  if (!opened.ok) throw new Error(opened.why);
  return opened.result;
}

/** A detailed invented result of a laptop with a GPU. */
export function invented(number = 2, publisher = 'RWinvented'): ResultFile {
  const machine = machineOf(new Random(number + 1), number);
  return syntheticResult(new Random(number), machine, MODELS[1]!, {
    detail: true,
    gpu: true,
    publisher,
    date: '2026-05-04',
  });
}

/** Every string of a document replaced. */
export function withStrings(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => withStrings(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withStrings(item, replace)]),
  );
}

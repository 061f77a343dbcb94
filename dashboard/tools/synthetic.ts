// Writes invented results, clearly so named: `npm run synthetic -- FOLDER COUNT`. For tests and measurements only.
import {createHash} from 'node:crypto';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {ResultFile} from '../src/data/result';
import {Random} from './random';
import {machineOf} from './synthetic_machines';
import {MODELS, syntheticResult} from './synthetic_result';

/** `count` invented results; about a third of the machines are measured more than once. */
export function* syntheticResults(count: number, detail: boolean): Generator<ResultFile> {
  const keys = Array.from(
    {length: 40},
    (_, i) =>
      'RW' + Buffer.from(`invented key ${i}`.padEnd(40, '.')).toString('base64').slice(0, 54),
  );
  for (let i = 0; i < count; i++) {
    const number = i % 3 === 2 ? Math.floor(i / 2) : i;
    const machine = machineOf(new Random(number + 1), number);
    const random = new Random(1000 + i);
    const fits = MODELS.filter((model) => model.bytes < machine.memory * 0.6);
    const model = i % 4 === 0 ? fits[i % fits.length]! : fits[Math.min(1, fits.length - 1)]!;
    yield syntheticResult(random, machine, model, {
      detail,
      gpu: true,
      publisher: random.pick(keys),
      date: `2026-${String(1 + (i % 9)).padStart(2, '0')}-${String(1 + (i % 28)).padStart(2, '0')}`,
    });
  }
}

/** Writes them as submissions are laid out; returns how many. */
export function writeSynthetic(folder: string, count: number): void {
  for (const result of syntheticResults(count, true)) {
    const text = JSON.stringify(result);
    const [year = '', month = ''] = (result.run.started_at ?? '').split('-');
    const place = join(folder, year, month);
    mkdirSync(place, {recursive: true});
    writeFileSync(
      join(place, createHash('sha256').update(text).digest('hex').slice(0, 16) + '.json'),
      text,
    );
  }
}

/** An invented history of 60 commits, of which one slows decode by 6 % and one speeds prefill by 12 %. */
export function syntheticHistory(): string {
  const random = new Random(7);
  const rows = [
    ['decode depth=0 decode_rate', 'decode @0', 'decode_rate', 84, 38, 0.94],
    ['prefill tokens=512 prefill_rate', 'prefill 512', 'prefill_rate', 410, 22, 1.12],
    ['prefill tokens=512 ttft', 'prefill 512 ttft', 'ttft', 1.25, 22, 1 / 1.12],
    ['load cache=warm load_time', 'load warm', 'load_time', 0.31, 99, 1],
  ] as const;
  return (
    Array.from({length: 60}, (_, i) =>
      JSON.stringify({
        kind: 'history',
        version: 1,
        commit: random.hex(40),
        at: new Date(Date.UTC(2026, 2, 1 + i, 6)).toISOString().replace('.000', ''),
        machine: {cpu: {name: 'Sample Datacore 800'}},
        values: rows.map(([row, label, metric, value, at, factor]) => ({
          row,
          label,
          metric,
          median: random.about(i >= at ? value * factor : value, 0.009),
        })),
      }),
    ).join('\n') + '\n'
  );
}

if (process.argv[1]?.endsWith('synthetic.ts')) {
  const [folder, count] = process.argv.slice(2);
  if (!folder || !(Number(count) > 0)) {
    console.error('usage: npm run synthetic -- FOLDER COUNT');
    process.exit(2);
  }
  writeSynthetic(join(folder, 'public'), Number(count));
  mkdirSync(join(folder, 'history'), {recursive: true});
  writeFileSync(join(folder, 'history', 'invented.ndjson'), syntheticHistory());
}

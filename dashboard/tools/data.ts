// The data step: published results to the files that the page reads.
// `npm run data -- [--results FOLDER] [--history FOLDER] [--out FOLDER] [--demo] [--synthetic COUNT]`
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {parseArgs} from 'node:util';
import type {Index, Shard} from '../src/app/store';
import {pack} from '../src/data/columns';
import {entriesOf, hasNumbers, type Entry} from '../src/data/entry';
import {listAt, textAt, type Json} from '../src/data/json';
import {openBytes} from '../src/data/result';
import {trendsOf} from '../src/data/trends';
import {trustOf} from '../src/data/trust';
import {syntheticResults} from './synthetic';

/** Up to here one file holds everything. */
export const ONE_FILE = 30_000;
/** Above, files of one model each, of at most so many entries. */
export const SHARD = 20_000;

// A script that calls back; `</script>` and line separators cannot end it.
export function scriptOf(map: string, key: string, text: string): string {
  const quoted = JSON.stringify(text)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `((window.inferometer ??= {shards: {}, results: {}}).${map})[${JSON.stringify(key)}] = ${quoted};\n`;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((item) => item.isFile() && item.name.endsWith('.json'))
    .map((item) => join(item.parentPath ?? item.path, item.name))
    .sort();
}

interface Published {
  readonly id: string;
  readonly text: string;
  readonly entries: Entry[];
}

/** Every published result; one that cannot be read is an error, since `validate` has let it in. */
export function readResults(folder: string): Published[] {
  return filesBelow(folder).map((file) => {
    const bytes = readFileSync(file);
    const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    if (basename(file, '.json') !== id)
      throw new Error(`${file}: its name is not the start of its SHA-256, ${id}`);
    const opened = openBytes(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    );
    if (!opened.ok) throw new Error(`${file}: ${opened.why}`);
    return {id, text: opened.text, entries: entriesOf(opened.result, id).filter(hasNumbers)};
  });
}

/** Entries in files: one, or for each model as many as it takes. */
export function shardsOf(entries: readonly Entry[]): {shard: Shard; entries: Entry[]}[] {
  if (entries.length <= ONE_FILE) {
    return [
      {
        shard: {file: 'data/all.js', model: '*', quant: '*', n: entries.length},
        entries: [...entries],
      },
    ];
  }
  const byModel = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = entry.model + '|' + entry.quant;
    const list = byModel.get(key);
    if (list) list.push(entry);
    else byModel.set(key, [entry]);
  }
  let number = 0;
  return [...byModel.values()]
    .sort((a, b) => b.length - a.length)
    .flatMap((list) => {
      const parts = [];
      for (let from = 0; from < list.length; from += SHARD) {
        const part = list.slice(from, from + SHARD);
        const {model, quant} = part[0]!;
        parts.push({
          shard: {
            file: `data/${String(number++).padStart(3, '0')}.js`,
            model,
            quant,
            n: part.length,
          },
          entries: part,
        });
      }
      return parts;
    });
}

function listOf(file: string, key: string): readonly Json[] {
  return existsSync(file) ? listAt(JSON.parse(readFileSync(file, 'utf8')), key) : [];
}

/** Entries with what flags.json and maintainers.json beside the results say of them. */
export function withTrust(
  entries: readonly Entry[],
  flags: readonly Json[],
  maintainers: readonly Json[],
): Entry[] {
  const remarks = new Map(flags.map((flag) => [basename(textAt(flag, 'file'), '.json'), flag]));
  const remarked = entries.map((entry): Entry => {
    const flag = remarks.get(entry.result);
    return flag === undefined
      ? entry
      : {
          ...entry,
          flag: textAt(flag, 'severity') === 'error' ? 'error' : 'note',
          remark: textAt(flag, 'reason'),
        };
  });
  const trust = trustOf(remarked, new Set(maintainers.map((item) => textAt(item, 'public_key'))));
  return remarked.map((entry, i) => ({...entry, trust: trust[i]!}));
}

function main(): void {
  const {values} = parseArgs({
    options: {
      results: {type: 'string'},
      history: {type: 'string'},
      out: {type: 'string'},
      demo: {type: 'boolean'},
      synthetic: {type: 'string'},
    },
  });
  const results = values.results ?? '../results/public';
  const history = values.history ?? '../results/history';
  const out = join(values.out ?? 'dist', 'data');
  const invented = Number(values.synthetic ?? 0);
  rmSync(out, {recursive: true, force: true});
  mkdirSync(join(out, 'results'), {recursive: true});

  const published = invented > 0 ? [] : readResults(results);
  for (const {id, text} of published)
    writeFileSync(join(out, 'results', `${id}.js`), scriptOf('results', id, text));
  const entries = published.flatMap((result) => result.entries);
  if (invented > 0) {
    let number = 0;
    for (const result of syntheticResults(invented, false)) {
      entries.push(
        ...entriesOf(result, (++number).toString(16).padStart(16, '0')).filter(hasNumbers),
      );
    }
  }
  const beside = dirname(results);
  const shards = shardsOf(
    withTrust(
      entries,
      listOf(join(beside, 'flags.json'), 'flags'),
      listOf(join(beside, 'maintainers.json'), 'keys'),
    ),
  );
  for (const {shard, entries: part} of shards) {
    writeFileSync(
      join(dirname(out), shard.file),
      scriptOf('shards', shard.file, JSON.stringify(pack(part))),
    );
  }
  const trends = trendsOf(
    existsSync(history)
      ? readdirSync(history)
          .filter((name) => name.endsWith('.ndjson'))
          .sort()
          .map((name) => ({
            project: basename(name, '.ndjson'),
            text: readFileSync(join(history, name), 'utf8'),
          }))
      : [],
  );
  if (trends.length > 0) {
    writeFileSync(
      join(out, 'trends.js'),
      `(window.inferometer ??= {shards: {}, results: {}}).trends = ${JSON.stringify(trends).replaceAll('<', '\\u003c')};\n`,
    );
  }
  const index: Index = {
    version: 1,
    generated: new Date().toISOString().slice(0, 10),
    results: invented || published.length,
    entries: entries.length,
    shards: shards.map(({shard}) => shard),
    demo: (values.demo ?? false) || invented > 0,
    raw: invented === 0,
    trends: trends.length > 0 ? ['data/trends.js'] : [],
  };
  writeFileSync(
    join(out, 'index.js'),
    `(window.inferometer ??= {shards: {}, results: {}}).index = ${JSON.stringify(index).replaceAll('<', '\\u003c')};\n`,
  );
  console.log(
    `${index.results} results, ${index.entries} entries, ${shards.length} file${shards.length === 1 ? '' : 's'}`,
  );
}

if (process.argv[1]?.endsWith('data.ts')) main();

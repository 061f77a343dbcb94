// Writes src/generated/: types and validator of the result schema, the metric table, the tiers.
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import {build} from 'esbuild';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {typesOf} from './types.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const results = join(here, '../../results');
const out = join(here, '../src/generated');

function read(name) {
  return readFileSync(join(results, name), 'utf8');
}

// The rows of the metric table, whose owner is results/metrics.cc.
export function metricsOf(source) {
  const row =
    /\{"(\w+)",\s*"(\w+)",\s*"([^"]+)",\s*Better::k(Higher|Lower),\s*"([^"]+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+),/g;
  const rows = [];
  for (const match of source.matchAll(row)) {
    const help = [...match[6].matchAll(/"((?:[^"\\]|\\.)*)"/g)]
      .map((part) => JSON.parse(`"${part[1]}"`))
      .join('');
    rows.push({
      name: match[1],
      definition: match[2],
      unit: match[3],
      better: match[4].toLowerCase(),
      label: match[5],
      help,
    });
  }
  return rows;
}

// Untouched when it is the same, so that two builds at a time do not disturb each other.
function write(name, text) {
  const file = join(out, name);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

async function validatorOf(schema) {
  const ajv = new Ajv2020({
    code: {source: true, esm: true, lines: false},
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: false,
  });
  const code = standaloneCode(ajv, ajv.compile(schema));
  // The code asks for ajv's helpers by require; bundled, it needs nothing.
  const bundled = await build({
    stdin: {contents: code, resolveDir: here, loader: 'js'},
    bundle: true,
    write: false,
    format: 'esm',
    minify: true,
    target: 'es2020',
  });
  return bundled.outputFiles[0].text;
}

export async function generate() {
  mkdirSync(out, {recursive: true});
  const schema = JSON.parse(read('schema/result-1.0.json'));
  write('result.ts', typesOf(schema, 'ResultFile'));
  write('validate.js', await validatorOf(schema));
  write(
    'validate.d.ts',
    `interface Problem {instancePath: string; message?: string; params: Record<string, unknown>; keyword: string}\n` +
      `declare const validate: {(data: unknown): boolean; errors?: Problem[] | null};\nexport default validate;\n`,
  );

  const metrics = metricsOf(read('metrics.cc'));
  const known = schema.$defs.record.properties.metric.enum;
  const missing = known.filter((name) => !metrics.some((metric) => metric.name === name));
  if (missing.length > 0)
    throw new Error(`results/metrics.cc: no row could be read for ${missing.join(', ')}`);
  write(
    'metrics.ts',
    `// Generated from results/metrics.cc by tools/generate.mjs.\nexport const METRICS = ${JSON.stringify(metrics, null, 1)} as const;\n`,
  );

  const tiers = JSON.parse(read('reference.json')).tiers.map((tier) => ({
    tier: tier.tier,
    model: tier.model,
    quant: tier.quant,
    reference: tier.reference_tok_per_s,
  }));
  write(
    'tiers.ts',
    `// Generated from results/reference.json by tools/generate.mjs.\n` +
      `export interface Tier {tier: string; model: string; quant: string;\n` +
      `  reference: {prefill_512: number; decode_0: number; decode_2048: number} | null}\n` +
      `export const TIERS: readonly Tier[] = ${JSON.stringify(tiers)};\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();

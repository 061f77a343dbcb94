// Published results by the million: NDJSON into partitioned Parquet, and the leaderboard out of it.
//   scale.mjs ingest ROWS.ndjson FOLDER        Parquet below FOLDER/model=.../metric=.../
//   scale.mjs leaderboard FOLDER OUT.csv       the same columns as `inferometer results leaderboard`
//   scale.mjs compare A.csv B.csv              equal but for the last bits of `value`, or status 1
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

async function connect() {
  const {DuckDBInstance} = await import('@duckdb/node-api');
  return (await DuckDBInstance.create(':memory:')).connect();
}

const columns = `{file: 'varchar', run_id: 'varchar', started_at: 'varchar', public_key: 'varchar', maintainer: 'boolean',
  flag: 'varchar', flag_reason: 'varchar', tier: 'varchar', class: 'varchar', hardware: 'varchar', machine: 'varchar',
  cpu: 'varchar', memory_bytes: 'double', os: 'varchar', hypervisor: 'varchar', backend: 'varchar', device: 'varchar',
  software: 'boolean', threads: 'integer', model: 'varchar', quant: 'varchar', workload: 'varchar', point: 'varchar',
  metric: 'varchar', unit: 'varchar', better: 'varchar', median: 'double', ci_low: 'double', ci_high: 'double',
  n: 'integer', converged: 'boolean', shape: 'varchar', bound: 'varchar', fraction: 'double'}`;

async function ingest(file, folder) {
  const db = await connect();
  await db.run(`copy (select * from read_json(${quoted(file)}, format = 'newline_delimited', columns = ${columns}))
    to ${quoted(folder)} (format parquet, compression zstd, partition_by (model, metric), overwrite_or_ignore)`);
}

const field = (value) => {
  const text = value === null ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

async function leaderboard(folder, out) {
  const db = await connect();
  await db.run(`create view published as
    select * from read_parquet(${quoted(join(folder, '**/*.parquet'))}, hive_partitioning = true)`);
  const reader = await db.runAndReadAll(readFileSync(join(here, 'leaderboard.sql'), 'utf8'));
  const lines = [reader.columnNames().join(',')];
  for (const row of reader.getRows()) lines.push(row.map(field).join(','));
  writeFileSync(out, lines.join('\n') + '\n');
}

// The fields of each line of a CSV text without line breaks in its fields.
function parse(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => {
    const fields = [];
    for (const [, bare, text] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)) {
      fields.push(bare === undefined ? text : bare.replaceAll('""', '"'));
    }
    return fields;
  });
}

function compare(a, b) {
  const [left, right] = [parse(a), parse(b)];
  const value = left[0].indexOf('value');
  if (left.length !== right.length) throw new Error(`${left.length} lines against ${right.length}`);
  left.forEach((fields, line) => fields.forEach((text, i) => {
    const other = right[line][i];
    const close = i === value && line > 0 && Math.abs(text - other) <= 1e-12 * Math.abs(text);
    if (text !== other && !close) throw new Error(`line ${line + 1}: '${text}' against '${other}'`);
  }));
  console.log(`${left.length - 1} standings are equal`);
}

const [command, ...files] = process.argv.slice(2);
const commands = {ingest, leaderboard, compare};
if (!(command in commands) || files.length !== 2) {
  console.error('usage: scale.mjs ingest ROWS.ndjson FOLDER | leaderboard FOLDER OUT.csv | compare A.csv B.csv');
  process.exit(2);
}
try {
  await commands[command](...files);
} catch (error) {
  console.error(`scale.mjs ${command}: ${error.message}`);
  process.exit(1);
}

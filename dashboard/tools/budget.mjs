// Holds a built site to its budget: everything but data, gzipped, below 150 KB. `node tools/budget.mjs [SITE]`
import {readdirSync, readFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {gzipSync} from 'node:zlib';

const LIMIT = 150 * 1000;
const dist = resolve(process.argv[2] ?? 'dist');
const files = readdirSync(dist, {recursive: true, withFileTypes: true})
  .filter(
    (item) =>
      item.isFile() &&
      !join(item.parentPath ?? item.path, item.name).startsWith(join(dist, 'data')),
  )
  .map((item) => join(item.parentPath ?? item.path, item.name));
let sum = 0;
for (const file of files) sum += gzipSync(readFileSync(file)).length;
console.log(`the page without data: ${(sum / 1000).toFixed(1)} KB gzip of at most ${LIMIT / 1000}`);
if (sum > LIMIT) process.exit(1);

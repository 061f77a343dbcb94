// Runs a TypeScript tool under Node: bundles it in memory, then imports the result.
import {build} from 'esbuild';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const [entry, ...rest] = process.argv.slice(2);
if (!entry) {
  console.error('usage: node tools/run.mjs TOOL.ts [arguments]');
  process.exit(2);
}
const bundled = await build({
  entryPoints: [resolve(entry)],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node18',
  logLevel: 'error',
  packages: 'external',
});
const cache = join(dirname(fileURLToPath(import.meta.url)), '../node_modules/.cache/tools');
mkdirSync(cache, {recursive: true});
const file = join(cache, `${process.pid}.mjs`);
writeFileSync(file, bundled.outputFiles[0].text);
process.argv = [process.argv[0], entry, ...rest];
await import(pathToFileURL(file).href);

// Builds the whole site of results/public into a folder: `node tools/site.mjs [FOLDER]`, from dashboard/.
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';

const site = resolve(process.argv[2] ?? 'dist');
const node = (...args) => execFileSync(process.execPath, args, {stdio: 'inherit'});
node('tools/generate.mjs');
node(
  'node_modules/vite/bin/vite.js',
  'build',
  '--outDir',
  site,
  '--emptyOutDir',
  '--logLevel',
  'warn',
);
node('tools/run.mjs', 'tools/data.ts', '--out', site);
writeFileSync(join(site, '.nojekyll'), ''); // a static host that would else leave files out
node('tools/budget.mjs', site);

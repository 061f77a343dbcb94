// Builds the page of `inferometer report --html`, one file without requests: `node tools/report.mjs OUT`.
// The program replaces {{json}} by a result.
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'vite';
import {generate} from './generate.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(process.argv[2] ?? join(root, 'dist-report/device-page.html'));

await generate();
const built = await build({
  root,
  configFile: false,
  logLevel: 'warn',
  base: './',
  build: {
    write: false,
    target: 'es2021',
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      input: join(root, 'src/report.ts'),
      output: {format: 'iife', inlineDynamicImports: true},
    },
  },
});
const files = [built].flat().flatMap((each) => each.output);
const script = files
  .find((file) => file.type === 'chunk')
  .code.trim()
  .replaceAll('</script', '<\\/script')
  .replaceAll('<!--', '<\\!--');
const style = String(files.find((file) => file.fileName.endsWith('.css')).source)
  .trim()
  .replaceAll('</style', '<\\/style');
if (script.includes('{{json}}') || style.includes('{{'))
  throw new Error('the script or style holds what the program would replace');
// Only this very script may run, whatever a result holds.
const hash = createHash('sha256').update(script).digest('base64');
const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:`;
const page = readFileSync(join(root, 'report.html'), 'utf8')
  .replace(
    '<title>',
    () => `<meta http-equiv="Content-Security-Policy" content="${policy}">\n<title>`,
  )
  .replace(
    '<script src="src/report.ts" type="module"></script>',
    () => `<style>${style}</style>\n<script>${script}</script>`,
  );
if (page.split('{{json}}').length !== 2)
  throw new Error('report.html names {{json}} not exactly once');
mkdirSync(dirname(out), {recursive: true});
writeFileSync(out, page);

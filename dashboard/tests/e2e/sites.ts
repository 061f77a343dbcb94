// Builds what end-to-end tests look at: a site of invented results, one of 100,000, an empty one, a report.
import {execFileSync, spawn} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
export const work = join(root, 'node_modules/.cache/e2e');
export const sites = {
  demo: join(work, 'demo'),
  large: join(work, 'large'),
  empty: join(work, 'empty'),
  report: join(work, 'device-page.html'),
};
export const shots = process.env['INFEROMETER_SHOTS'] ?? join(root, 'shots');
export const LARGE = Number(process.env['INFEROMETER_LARGE'] ?? 100_000);

function node(...args: string[]): void {
  execFileSync(process.execPath, args, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']});
}

/** The text of an invented result's file in the demo site. */
export function anyResult(): string {
  return readFileSync(join(work, 'result.json'), 'utf8');
}

const largeDone = join(work, 'large-done');

/** The site of 100,000 results is made while other tests run: the code with which its making ended. */
export async function largeIsThere(): Promise<number> {
  while (!existsSync(largeDone)) await new Promise((resolve) => setTimeout(resolve, 100));
  return Number(readFileSync(largeDone, 'utf8'));
}

export default function setup(): () => void {
  rmSync(work, {recursive: true, force: true});
  mkdirSync(work, {recursive: true});
  mkdirSync(shots, {recursive: true});
  node(
    'node_modules/vite/bin/vite.js',
    'build',
    '--logLevel',
    'warn',
    '--outDir',
    sites.empty,
    '--emptyOutDir',
  );
  node('tools/budget.mjs', sites.empty);
  node('tools/run.mjs', 'tools/synthetic.ts', join(work, 'results'), '60');
  let making: ReturnType<typeof spawn> | undefined;
  for (const [site, ...options] of [
    [sites.empty, '--results', join(work, 'none'), '--history', join(work, 'none')],
    [
      sites.demo,
      '--results',
      join(work, 'results/public'),
      '--history',
      join(work, 'results/history'),
      '--demo',
    ],
    [sites.large, '--synthetic', String(LARGE), '--history', join(work, 'none')],
  ] as const) {
    if (site !== sites.empty)
      cpSync(sites.empty, site, {
        recursive: true,
        filter: (from) => !from.startsWith(join(sites.empty, 'data')),
      });
    const args = ['tools/run.mjs', 'tools/data.ts', '--out', site, ...options];
    if (site !== sites.large) node(...args);
    else
      making = spawn(process.execPath, args, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']});
  }
  making?.on('exit', (code) => writeFileSync(largeDone, String(code ?? 1)));
  node('tools/report.mjs', sites.report);
  node('tools/run.mjs', 'tools/one_result.ts', join(work, 'result.json'));
  return () => making?.kill();
}

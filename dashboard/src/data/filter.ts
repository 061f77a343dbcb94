// Which rows of the leaderboard are shown, and how much each switch would show.
import type {Group, Trust} from './groups';
import {CLASSES} from './metrics';

export interface Filter {
  readonly model: string;
  readonly quant: string;
  readonly classes: readonly string[];
  readonly backends: readonly string[];
  readonly systems: readonly string[];
  readonly trust: readonly string[];
  readonly search: string;
}

export type Facet = 'class' | 'backend' | 'os' | 'trust';

export function systemOf(os: string): string {
  if (/windows/i.test(os)) return 'Windows';
  if (/mac ?os|darwin/i.test(os)) return 'macOS';
  if (/android/i.test(os)) return 'Android';
  if (/\bios\b/i.test(os)) return 'iOS';
  return os ? 'Linux' : 'unknown';
}

export function facetOf(group: Group, facet: Facet, maintainers: ReadonlySet<string>): string {
  if (facet === 'class') return group.text('class');
  if (facet === 'backend') return group.text('backend');
  if (facet === 'os') return systemOf(group.text('os'));
  return group.trust(maintainers);
}

export interface Filtered {
  readonly shown: Group[];
  readonly software: Group[];
  readonly counts: Readonly<Record<Facet, ReadonlyMap<string, number>>>;
}

const FACETS: readonly Facet[] = ['class', 'backend', 'os', 'trust'];

/** One pass: a group counts for a switch when all the other filters let it through. */
export function applyFilter(groups: Iterable<Group>, filter: Filter, maintainers: ReadonlySet<string>): Filtered {
  const shown: Group[] = [];
  const software: Group[] = [];
  const counts = {class: new Map<string, number>(), backend: new Map<string, number>(), os: new Map<string, number>(),
    trust: new Map<string, number>()};
  const chosen: Record<Facet, readonly string[]> = {
    class: filter.classes, backend: filter.backends, os: filter.systems, trust: filter.trust};
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  for (const group of groups) {
    if (group.text('model') !== filter.model || group.text('quant') !== filter.quant) continue;
    if (words.length > 0 && !words.every((word) => group.words.includes(word))) continue;
    const values = FACETS.map((facet) => facetOf(group, facet, maintainers));
    const passes = FACETS.map((facet, i) => chosen[facet].length === 0 || chosen[facet].includes(values[i]!));
    const failed = passes.filter((pass) => !pass).length;
    if (failed === 0) (group.software ? software : shown).push(group);
    if (group.software) continue;
    FACETS.forEach((facet, i) => {
      if (failed === 0 || (failed === 1 && !passes[i])) {
        counts[facet].set(values[i]!, (counts[facet].get(values[i]!) ?? 0) + 1);
      }
    });
  }
  return {shown, software, counts};
}

const ORDER: Readonly<Record<Facet, readonly string[]>> = {
  class: [...CLASSES, 'unknown'],
  backend: ['cpu', 'vulkan', 'opencl'],
  os: ['Linux', 'Windows', 'macOS', 'Android', 'iOS', 'unknown'],
  trust: ['reproduced', 'corroborated', 'self-reported'] satisfies Trust[],
};

/** The values of a facet in a fixed order, those that exist or are chosen. */
export function facetValues(facet: Facet, present: ReadonlySet<string>, chosen: readonly string[]): string[] {
  const all = new Set([...present, ...chosen]);
  const order = ORDER[facet];
  return [...all].sort((a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99) || (a < b ? -1 : 1));
}

// Which rows of the leaderboard are shown, and how much each switch would show.
import type {Trust} from './entry';
import type {Facets, Group} from './groups';
import {CLASSES} from './metrics';
import {Search} from './search';

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

export interface Filtered {
  readonly shown: Group[];
  readonly software: Group[];
  readonly flagged: Group[];
  readonly counts: Readonly<Record<Facet, ReadonlyMap<string, number>>>;
}

const FACETS: readonly Facet[] = ['class', 'backend', 'os', 'trust'];

/** One pass: a group counts for a switch when all the other filters let it through. */
export function applyFilter(groups: Iterable<Group>, filter: Filter): Filtered {
  const shown: Group[] = [];
  const software: Group[] = [];
  const flagged: Group[] = [];
  const counts = {
    class: new Map<string, number>(),
    backend: new Map<string, number>(),
    os: new Map<string, number>(),
    trust: new Map<string, number>(),
  };
  const chosen: Record<Facet, readonly string[]> = {
    class: filter.classes,
    backend: filter.backends,
    os: filter.systems,
    trust: filter.trust,
  };
  const search = new Search(filter.search);
  const sets = FACETS.map((facet) => (chosen[facet].length === 0 ? null : new Set(chosen[facet])));
  // Of each combination of facets: what fails, and how many groups have it.
  const judged = new Map<Facets, {failed: number; only: Facet | null; count: number}>();
  const judge = (facets: Facets): {failed: number; only: Facet | null; count: number} => {
    const fails = FACETS.filter((facet, i) => sets[i] && !sets[i]!.has(facets[facet]));
    return {failed: fails.length, only: fails[0] ?? null, count: 0};
  };
  for (const group of groups) {
    if (group.model !== filter.model || group.quant !== filter.quant) continue;
    if (!group.foundBy(search)) continue;
    const facets = group.facets;
    let verdict = judged.get(facets);
    if (!verdict) {
      verdict = judge(facets);
      judged.set(facets, verdict);
    }
    const apart = group.software ? software : group.flagged ? flagged : null;
    if (verdict.failed === 0) (apart ?? shown).push(group);
    if (!apart) verdict.count++;
  }
  for (const [facets, {failed, only, count}] of judged) {
    if (failed > 1 || count === 0) continue;
    for (const facet of FACETS) {
      if (failed === 0 || facet === only)
        counts[facet].set(facets[facet], (counts[facet].get(facets[facet]) ?? 0) + count);
    }
  }
  return {shown, software, flagged, counts};
}

const ORDER: Readonly<Record<Facet, readonly string[]>> = {
  class: [...CLASSES, 'unknown'],
  backend: ['cpu', 'vulkan', 'opencl'],
  os: ['Linux', 'Windows', 'macOS', 'Android', 'iOS', 'unknown'],
  trust: ['reproduced', 'corroborated', 'self-reported'] satisfies Trust[],
};

/** The values of a facet in a fixed order, those that exist or are chosen. */
export function facetValues(
  facet: Facet,
  present: ReadonlySet<string>,
  chosen: readonly string[],
): string[] {
  const all = new Set([...present, ...chosen]);
  const order = ORDER[facet];
  return [...all].sort(
    (a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99) || (a < b ? -1 : 1),
  );
}

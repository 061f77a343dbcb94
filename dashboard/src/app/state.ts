// The state of a view in the URL: everything that a reader can set, so that every view can be linked to.

export interface Place {
  readonly view: string;
  readonly arg: string;
  readonly params: URLSearchParams;
}

/** "#/device/some-slug?e=1" */
export function parsePlace(hash: string): Place {
  const text = hash.replace(/^#\/?/, '');
  const [path = '', query = ''] = text.split(/\?(.*)/s);
  const [view = '', ...rest] = path.split('/');
  let arg = rest.join('/');
  try {
    arg = decodeURIComponent(arg);
  } catch {
    arg = ''; // not something this page wrote
  }
  return {view: view || 'leaderboard', arg, params: new URLSearchParams(query)};
}

/** The hash of a place; parameters that are empty are left out, so defaults leave no trace. */
export function hrefOf(
  view: string,
  arg = '',
  params: Readonly<Record<string, string>> | URLSearchParams = {},
): string {
  const entries = params instanceof URLSearchParams ? [...params] : Object.entries(params);
  const query = new URLSearchParams(entries.filter(([, value]) => value !== ''));
  const text = query
    .toString()
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%7C', '|');
  return `#/${view}${arg ? '/' + encodeURIComponent(arg) : ''}${text ? '?' + text : ''}`;
}

/** The same place with some parameters set; '' removes one. */
export function withParams(place: Place, changes: Readonly<Record<string, string>>): string {
  const params = new URLSearchParams(place.params);
  for (const [key, value] of Object.entries(changes)) {
    if (value === '') params.delete(key);
    else params.set(key, value);
  }
  return hrefOf(place.view, place.arg, params);
}

/** A list with commas: which of several are chosen. */
export function listParam(params: URLSearchParams, key: string): string[] {
  return (params.get(key) ?? '').split(',').filter(Boolean);
}

/** The list with one entry more or less. */
export function toggled(list: readonly string[], entry: string): string {
  return (list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry]).join(
    ',',
  );
}

export function numberParam(
  params: URLSearchParams,
  key: string,
  fallback: number,
  low: number,
  high: number,
): number {
  const text = params.get(key);
  const value = text === null || text === '' ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : fallback;
}

// Elements by function call. Strings become text nodes: nothing here, or anywhere, parses HTML.

export type Child = Node | string | number | null | undefined | false | readonly Child[];
type Props = Readonly<
  Record<string, string | number | boolean | null | undefined | ((event: never) => void)>
>;

const SVG = 'http://www.w3.org/2000/svg';

function append(parent: Element, child: Child): void {
  if (child === null || child === undefined || child === false) return;
  if (Array.isArray(child)) {
    for (const one of child as readonly Child[]) append(parent, one);
  } else {
    parent.append(typeof child === 'object' ? (child as Node) : String(child));
  }
}

function fill(element: Element, props: Props, children: readonly Child[]): void {
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value as EventListener);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
}

/** An HTML element; `onclick` and the like are listeners, everything else attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, props, children);
  return element;
}

/** An SVG element. */
export function s(tag: string, props: Props = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS(SVG, tag) as SVGElement;
  fill(element, props, children);
  return element;
}

// What an element is to its reader, whichever time it is built.
function roleOf(element: Element): string {
  const around = element.closest('[role="group"], details, tr');
  return [
    element.tagName,
    element.getAttribute('data-id') ?? element.getAttribute('aria-label') ?? element.textContent,
    ...['aria-label', 'data-id', 'data-group'].map((name) => around?.getAttribute(name)),
  ].join('\n');
}

/** New children. The focus stays on what it was on, when that is built again. */
export function replace(parent: Element, ...children: Child[]): void {
  const held = document.activeElement;
  const role = held && held !== parent && parent.contains(held) ? roleOf(held) : null;
  parent.replaceChildren();
  append(parent, children);
  if (held === null || role === null) return;
  const again = [...parent.querySelectorAll<HTMLElement>(held.tagName)].find(
    (one) => roleOf(one) === role,
  );
  again?.focus({preventScroll: true});
}

/** A link inside the page. */
export function link(href: string, text: Child, props: Props = {}): HTMLAnchorElement {
  return h('a', {href, ...props}, text);
}

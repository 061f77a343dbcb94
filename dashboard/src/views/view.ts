// What a view is: mounted once, updated whenever its place in the URL or the data changes.
import type {Place} from '../app/state';
import type {Store} from '../app/store';

export interface Context {
  readonly store: Store;
  /** Goes to a place; `replace` where the way back should skip this one (typing, sliding). */
  readonly go: (href: string, replace?: boolean) => void;
}

export interface View {
  readonly title: (place: Place) => string;
  /** Builds the view in `root` and returns what to do when the place or the data changes. */
  readonly mount: (root: HTMLElement, context: Context, place: Place) => (place: Place) => void;
}

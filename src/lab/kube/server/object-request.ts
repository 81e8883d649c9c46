import type { Place } from '../objects/registry.ts';

/** A request for objects of a kind, or for one of them. */
export interface ObjectRequest {
  readonly place: Place;
  readonly name?: string;
  readonly subresource?: string;
  readonly query: URLSearchParams;
}

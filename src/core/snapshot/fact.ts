/** A value that was read, with the tool or file it was read from. */
export interface Known<T> {
  readonly known: true;
  readonly value: T;
  readonly source: string;
}

/**
 * A value that was not read. `unknown` (missing tool, denied, cut off) is never zero and never healthy;
 * `not-applicable` (no ENA driver, so no ENA limits) is as good as a clean reading.
 */
export interface NotKnown {
  readonly known: false;
  readonly kind: 'unknown' | 'not-applicable';
  /** What is missing and why, as one clause: `ethtool -S: not installed`. */
  readonly why: string;
  readonly source: string;
}

/** One fact about a node: known, unknown or not applicable. */
export type Fact<T> = Known<T> | NotKnown;

/** Makes a known fact. */
export function known<T>(value: T, source: string): Known<T> {
  return { known: true, value, source };
}

/** Makes an unknown fact; `why` is a clause without a full stop. */
export function unknown(why: string, source: string): NotKnown {
  return { known: false, kind: 'unknown', why, source };
}

/** Makes a fact that cannot exist on this node; `why` is a clause without a full stop. */
export function notApplicable(why: string, source: string): NotKnown {
  return { known: false, kind: 'not-applicable', why, source };
}

/** Derives a fact from another one; what is not known stays so, for the same reason. */
export function mapFact<A, B>(fact: Fact<A>, derive: (value: A) => B): Fact<B> {
  return fact.known ? known(derive(fact.value), fact.source) : fact;
}

/** The value, or `undefined` when it is not known. */
export function valueOf<T>(fact: Fact<T>): T | undefined {
  return fact.known ? fact.value : undefined;
}

/** Plans, collections or other items by their node; where a node has several, its first one counts. */
export function byNode<T extends { readonly instanceId: string }>(
  items: readonly T[],
): ReadonlyMap<string, T> {
  // The last one that is set stays.
  return new Map(items.toReversed().map((item) => [item.instanceId, item]));
}

/**
 * The index of the incidents of which something is still to be done: its name, which is also the attribute that is its key,
 * and the one value of that. An item without the attribute is not in it.
 */
export const UNFINISHED = { index: 'unfinished', value: 'incident' } as const;

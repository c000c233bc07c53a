/** Name of the field that a made-up newer version has in every object. */
const LATER = 'knownLater';

/** The same with one more optional field in every object of it, which says where it is. */
export function withLater(value: unknown, path = ''): unknown {
  if (Array.isArray(value)) return value.map((one, index) => withLater(one, `${path}/${index}`));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, one]) => [key, withLater(one, `${path}/${key}`)]);
  return { ...Object.fromEntries(fields), [LATER]: { at: path } };
}

/** Where such fields are in it. */
export function laterIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === LATER ? [(one as { at: string }).at] : laterIn(one),
  );
}

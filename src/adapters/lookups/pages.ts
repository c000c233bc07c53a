import { LookupFailedError } from '../errors.ts';

/** Pages that one lookup reads at most: a hundred of any service are far more than an incident can ask. */
const PAGES_MAX = 100;

/**
 * Reads all pages of a paged call.
 * @param read calls the service with the token of the page; the services name it differently
 * @param most pages that are read
 * @throws LookupFailedError when there are too many pages
 */
export async function allPages<P extends { NextToken?: string | undefined }>(
  read: (token: string | undefined) => Promise<P>,
  most = PAGES_MAX,
): Promise<readonly P[]> {
  const pages: P[] = [];
  let token: string | undefined;
  do {
    if (pages.length === most) throw new LookupFailedError(`more than ${most} pages of answers`);
    const page = await read(token);
    pages.push(page);
    token = page.NextToken === '' ? undefined : page.NextToken;
  } while (token !== undefined);
  return pages;
}

/** The items in runs of at most `size`, for calls that take only so many. */
export function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

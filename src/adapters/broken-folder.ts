import { BrokenCatalogueError } from '../core/errors.ts';

/** Longest reason that is told. */
const REASON_MAX_CHARS = 240;

/**
 * Says in a sentence that a file of a failure mode can not be used, as half-way through an edit.
 *
 * @param file its path below `runbooks/`
 */
export function brokenFolder(file: string, cause: unknown): BrokenCatalogueError {
  const said = cause instanceof Error ? cause.message : String(cause);
  // esbuild puts a count of its errors in front.
  const reason = said
    .replace(/^Transform failed with \d+ errors?:\s*/, '')
    .replaceAll(/\s+/g, ' ')
    .slice(0, REASON_MAX_CHARS);
  return new BrokenCatalogueError(
    `runbooks/${file} can not be loaded (${reason}); finish it, or take its folder out of runbooks/ for now.`,
    { cause },
  );
}

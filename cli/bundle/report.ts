import type { BundleFacts } from '../input/input.ts';
import { bold } from '../output.ts';

/** Which files of a bundle were used, which known ones are not there, and what was not read. */
export function bundleReport({ kind, used, missing, notes }: BundleFacts): string {
  const files = used.map(({ path, names, isCut }) => {
    const cut = isCut ? ' (its beginning and its telling lines)' : '';
    return `${path}: ${names.join('; ')}${cut}`;
  });
  return [
    ...section(kind === undefined ? 'Used' : `Used of ${kind}`, files),
    ...section('Usually in one, not in this', missing),
    ...section('Of the bundle', notes),
  ].join('\n');
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [bold(heading), ...lines.map((line) => `  ${line}`)];
}

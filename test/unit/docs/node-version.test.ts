import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const engines = z.object({ engines: z.object({ node: z.string() }) });
const Lock = z.object({
  packages: z.record(z.string(), z.looseObject({})),
});

type Version = readonly [major: number, minor: number, patch: number];
const versionOf = (text: string): Version => {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  return [major, minor, patch];
};
const isBelow = (one: Version, other: Version): boolean => {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
};

/** Whether a range of npm takes the version; of its forms those that packages use for engines. */
function takes(range: string, version: Version): boolean {
  return range.split('||').some((part) =>
    Array.from(part.matchAll(/(>=|>|<=|<|\^|~|=|)\s*v?(\d+(?:\.\d+){0,2})/g)).every(([, sign, text = '']) => {
      const bound = versionOf(text);
      if (sign === '<') return isBelow(version, bound);
      if (sign === '<=') return !isBelow(bound, version);
      if (isBelow(version, bound)) return false;
      return sign === '>=' || sign === '>' || version[0] === bound[0];
    }),
  );
}

const readme = read('README.md');
const [, least = ''] = /Node (\d+\.\d+) or newer/.exec(readme) ?? [];

it('README and package.json name the same Node', () => {
  expect(engines.parse(JSON.parse(read('package.json'))).engines.node).toBe(`>=${least}`);
  expect(read('docs/deploy.md')).toContain(`Node ${least} or newer`);
});

it('README names every package that wants a newer Node, so that the warning of npm is no news', () => {
  const unnamed = Object.entries(Lock.parse(JSON.parse(read('package-lock.json'))).packages).flatMap(
    ([path, lock]) => {
      const wanted = engines.safeParse(lock).data?.engines.node ?? '*';
      const name = path.replace(/^.*node_modules\//, '');
      return takes(wanted, versionOf(least)) || readme.includes(`\`${name}\``) ? [] : [`${name} ${wanted}`];
    },
  );
  expect(unnamed).toEqual([]);
});

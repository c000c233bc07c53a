import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesBelow } from '../../../local/kernel/node-root.ts';

let layer: string;
beforeEach(() => {
  layer = mkdtempSync(join(tmpdir(), 'medic-layer-'));
});
afterEach(() => rmSync(layer, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(layer, path)), { recursive: true });
  writeFileSync(join(layer, path), text);
}

test('the scripts that the demo puts on a node are not among the files that differ on it, what they write is', () => {
  write('amazon/ssm/medic/medic-collect-1a2b3c4d/_script.sh', '#!/bin/sh');
  write('amazon/ssm/elsewhere', 'theirs');
  write('conntrack-medic/journal', 'written');
  const found = filesBelow(layer, '/var/lib').map(
    ({ path, content }) => [path, content?.toString()] as const,
  );
  expect(new Map(found)).toEqual(
    new Map([
      ['/var/lib/amazon/ssm/elsewhere', 'theirs'],
      ['/var/lib/conntrack-medic/journal', 'written'],
    ]),
  );
});

test('a folder that has gone holds no file', () => {
  expect(filesBelow(join(layer, 'gone'), '/var/lib/gone')).toEqual([]);
});

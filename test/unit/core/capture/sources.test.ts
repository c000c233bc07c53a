import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assembleScripts } from '../../../../nodes/documents.ts';
import { isSampleFile } from '../../../../src/core/capture/read-folder.ts';
import { SOURCES, SourceId } from '../../../../src/core/capture/sources.ts';

const ROOT = new URL('../../../../', import.meta.url);
const { collect, ...others } = assembleScripts((path) =>
  readFileSync(new URL(`nodes/${path}`, ROOT), 'utf8'),
);
/** The probe prints values, no sections, and what a trace prints is no capture. */
const changes = Object.entries<string>(others).filter(([name]) => name !== 'probe' && name !== 'trace');

/** Names of the sections that a script can print: by the collector's own function, or with the header spelt out. */
function sectionsOf(script: string): readonly string[] {
  const names = script.matchAll(/^\s*section (\S+) |=== medic\/1 %s (\S+) /gm);
  return [...new Set(Array.from(names, ([, called, spelt]) => called ?? spelt ?? ''))]
    .filter((name) => name !== 'end')
    .toSorted();
}

function printedBy(script: 'collector' | 'change'): readonly string[] {
  return SourceId.options.filter((id) => SOURCES[id].printedBy === script).toSorted();
}

describe('the table of sources', () => {
  it('has every section that the collector can print, and claims no other', () => {
    expect(sectionsOf(collect)).toEqual(printedBy('collector'));
  });

  it.each(changes)('has every section that %s can print, and claims no other', (_, script) => {
    expect(sectionsOf(script)).toEqual(printedBy('change'));
  });

  it('is what docs/collector.md explains', () => {
    const doc = readFileSync(new URL('docs/collector.md', ROOT), 'utf8');
    const rows = Array.from(doc.matchAll(/^\| (`[^|]+) \| (?:0|1|-)/gm), ([, names = '']) => names);
    const explained = rows.flatMap((names) =>
      Array.from(names.matchAll(/`([^`]+)`/g), ([, name = '']) => name),
    );
    expect(explained.toSorted()).toEqual(printedBy('collector'));
  });

  it('gives a file in a folder of samples to one source', () => {
    const files = SourceId.options.flatMap((id) => SOURCES[id].files ?? []);
    expect(files.toSorted()).toEqual([...new Set(files)].toSorted());
    for (const file of files) expect([file, isSampleFile(`after.${file}.txt`)]).toEqual([file, true]);
  });
});

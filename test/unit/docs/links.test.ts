import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';

const documents = [
  ...readdirSync('.'),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
  ...readdirSync('.github', { recursive: true, encoding: 'utf8' }).map((name) => `.github/${name}`),
].filter((path) => path.endsWith('.md'));

/** Every link and picture of a document. */
function targetsOf(path: string): string[] {
  const tokens = new MarkdownIt()
    .parse(readFileSync(path, 'utf8'), {})
    .flatMap(({ children }) => children ?? []);
  return tokens.flatMap((token) => String(token.attrGet('href') ?? token.attrGet('src') ?? '') || []);
}

/** Anchors of a document, as GitHub makes them of its headings. */
function anchorsOf(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(documents)('%s', (path) => {
  it('links only to files and headings that exist', () => {
    const broken = targetsOf(path)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [file = '', anchor] = target.split('#');
        const found = file === '' ? path : join(dirname(path), file);
        return !existsSync(found) || (anchor !== undefined && !anchorsOf(found).includes(anchor));
      });
    expect(broken).toEqual([]);
  });
});

it('every picture is shown or linked somewhere, as nobody would see that it tells of what was', () => {
  const shown = new Set(
    documents.flatMap((path) => targetsOf(path).map((target) => join(dirname(path), target))),
  );
  const pictures = readdirSync('docs/pictures').map((name) => `docs/pictures/${name}`);
  expect(pictures.filter((picture) => !shown.has(picture))).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../test/fixtures/shapes/', import.meta.url);

/** What people paste, short: one text a shape. */
export interface Example {
  /** What it is, for whoever looks for theirs. */
  readonly title: string;
  readonly text: string;
}

/** Shapes of one kind. */
export interface ExampleGroup {
  readonly title: string;
  readonly examples: readonly Example[];
}

/** Every example by kind; a file begins with `%%%` and its kind, each example with `%%` and its title. */
export function exampleGroups(): readonly ExampleGroup[] {
  return readdirSync(ROOT)
    .toSorted((a, b) => a.localeCompare(b))
    .map((file) => {
      const [head = '', ...parts] = readFileSync(new URL(file, ROOT), 'utf8').split(/^%% /m);
      return {
        title: head.replace(/^%%%/, '').trim(),
        examples: parts.map((part) => {
          const end = part.indexOf('\n');
          return { title: part.slice(0, end).trim(), text: part.slice(end + 1).trimEnd() };
        }),
      };
    });
}

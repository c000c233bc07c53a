import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';

const Package = z.object({ version: z.string(), engines: z.object({ node: z.string() }) });

it.each(['@aws/durable-execution-sdk-js', '@aws/durable-execution-sdk-js-testing'])(
  'says of %s what its pinned version asks for',
  (name) => {
    const { version, engines } = Package.parse(
      JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')),
    );
    const [sentence = ''] =
      /On Node 20 `npm ci` warns[^]*?(?=The functions)/.exec(readFileSync('README.md', 'utf8')) ?? [];
    expect(engines.node).toBe('>=22');
    expect(sentence).toContain('wants 22 or newer');
    expect(sentence).toContain(`\`${name}\` ${version}`);
  },
);

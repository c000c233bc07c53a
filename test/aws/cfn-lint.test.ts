import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exampleConfig, HUB, SPOKE, templateOf } from '../unit/cdk/support.ts';
import { pythonTool } from './support/python-tools.ts';

const LINT = pythonTool('cfn-lint');
const IGNORED = [
  // The CDK makes a function depend on its role by name as well as by reference.
  'W3005',
];
/** This version of the rule fails on any document that is given as text; documents are linted as objects besides. */
const TEXT_DOCUMENTS = 'E3051';

type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

/** Runs cfn-lint over a template; returns what it has to say, one line a finding. */
async function lint(
  template: object,
  region: string,
  ignored: readonly string[],
): Promise<readonly string[]> {
  const path = join(folder, 'template.json');
  await writeFile(path, JSON.stringify(template));
  const options = [
    '--format',
    'parseable',
    '--regions',
    region,
    '--ignore-checks',
    ...ignored,
    '--template',
    path,
  ];
  return await new Promise((resolve, reject) => {
    execFile(LINT ?? '', options, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      if (error !== null && lines.length === 0) reject(new Error(stderr.slice(-2000), { cause: error }));
      else resolve(lines);
    });
  });
}

/** The template with its documents as objects, which is what the rules about documents look at. */
function withDocumentsAsObjects(template: object): object {
  const copy = structuredClone(template) as { Resources: Resources };
  for (const { Type, Properties } of Object.values(copy.Resources))
    if (Type === 'AWS::SSM::Document') Properties['Content'] = JSON.parse(String(Properties['Content']));
  return copy;
}

// It reads the schemas of every service anew for each template.
vi.setConfig({ testTimeout: 300_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cfn-lint-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(LINT === undefined)('cfn-lint', () => {
  const config = exampleConfig({
    ...HUB,
    spokes: [SPOKE],
    healthTopicArn: `arn:aws:sns:${HUB.region}:${HUB.account}:on-call`,
  });

  test.each([
    ['hub', HUB.region],
    ['spoke', SPOKE.region],
  ] as const)('has nothing to say about the template of the %s', async (which, region) => {
    const template = templateOf(config, which).toJSON();
    expect(await lint(template, region, [...IGNORED, TEXT_DOCUMENTS])).toEqual([]);
    expect(await lint(withDocumentsAsObjects(template), region, IGNORED)).toEqual([]);
  });

  test('would not let a runtime pass that there is not', async () => {
    const template = structuredClone(templateOf(exampleConfig()).toJSON()) as { Resources: Resources };
    for (const { Type, Properties } of Object.values(template.Resources))
      if (Type === 'AWS::Lambda::Function') Properties['Runtime'] = 'nodejs23.x';
    const findings = await lint(template, HUB.region, [...IGNORED, TEXT_DOCUMENTS]);
    expect(findings.join()).toContain('nodejs23.x');
  });
});

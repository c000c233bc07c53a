import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../../cdk/build-app.ts';
import { DeployConfig, readConfig } from '../../../cdk/config.ts';

export const HUB = { account: '111122223333', region: 'eu-central-1' } as const;
export const SPOKE = { account: '222233334444', region: 'eu-west-1', externalId: 'only-us-two' } as const;
export const OUTPUT = { bucket: 'shop-command-output', prefix: 'medic/nodes' } as const;

/** The example configuration, with the changes. */
export function exampleConfig(changes: Partial<DeployConfig> = {}): DeployConfig {
  return DeployConfig.parse({ ...readConfig('cdk/config.example.json'), ...changes });
}

/** Does something with an app, and takes its output away afterwards: the CDK leaves it where it was. */
export function withApp<T>(use: (app: App) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  try {
    return use(new App({ outdir }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Templates by configuration: several tests look at the same one, and making it takes a second. */
const synthesized = new Map<string, readonly Template[]>();

/** A synthesized template of the configuration: of the service, or of its first spoke. */
export function templateOf(config: DeployConfig, which: 'hub' | 'spoke' = 'hub'): Template {
  const key = JSON.stringify(config);
  const templates = synthesized.get(key) ?? templatesOf(config);
  synthesized.set(key, templates);
  const template = templates[which === 'hub' ? 0 : 1];
  if (template === undefined) throw new Error(`There is no ${which}.`);
  return template;
}

function templatesOf(config: DeployConfig): readonly Template[] {
  return withApp((app) => {
    buildApp(config, app);
    const stacks = app.node.children.filter((child) => Stack.isStack(child));
    return stacks.map((stack) => Template.fromStack(stack));
  });
}

/** One statement of a policy, every list a list. */
export interface Statement {
  readonly sid: string | undefined;
  readonly actions: readonly string[];
  /** ARNs as text, references in angle brackets. */
  readonly resources: readonly string[];
  readonly condition:
    | Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
    | undefined;
}

/** Statements of every role of a template by the role's name, without the region at its end. */
export function statementsByRole(template: Template): ReadonlyMap<string, readonly Statement[]> {
  const names = new Map<string, string>();
  for (const [id, { Properties }] of Object.entries(template.findResources('AWS::IAM::Role')))
    names.set(id, flat(Properties.RoleName ?? id).replace(/-(eu-[a-z]+-\d|<AWS::Region>)$|[0-9A-F]{8}$/, ''));
  const statements = new Map<string, Statement[]>([...names.values()].map((name) => [name, []]));
  for (const { Properties } of Object.values(template.findResources('AWS::IAM::Policy'))) {
    for (const { Ref } of Properties.Roles)
      statements.get(names.get(Ref) ?? '')?.push(...Properties.PolicyDocument.Statement.map(readStatement));
  }
  for (const [id, { Properties }] of Object.entries(template.findResources('AWS::IAM::Role')))
    for (const { PolicyDocument } of Properties.Policies ?? [])
      statements.get(names.get(id) ?? '')?.push(...PolicyDocument.Statement.map(readStatement));
  return statements;
}

function readStatement(raw: Readonly<Record<string, unknown>>): Statement {
  if (raw['Effect'] !== 'Allow') throw new Error(`A statement does not allow: ${JSON.stringify(raw)}`);
  return {
    sid: raw['Sid'] as string | undefined,
    actions: listOf(raw['Action']).map(flat),
    resources: listOf(raw['Resource']).map(flat),
    condition: raw['Condition'] as Statement['condition'],
  };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Text of a template's value; references in angle brackets. */
export function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[intrinsic, content] = []] = Object.entries(value as Readonly<Record<string, unknown>>);
  if (intrinsic === 'Ref') return `<${String(content)}>`;
  if (intrinsic === 'Fn::GetAtt') return `<${(content as string[]).join('.')}>`;
  if (intrinsic === 'Fn::Join') {
    const [separator, parts] = content as [string, unknown[]];
    return parts.map(flat).join(separator);
  }
  throw new Error(`${intrinsic} is not expected here.`);
}

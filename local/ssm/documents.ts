import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import type { DocumentName } from './local-node.ts';
import { SsmError } from './ssm-error.ts';

const Parameter = z.object({
  type: z.literal('String'),
  default: z.string().optional(),
  allowedPattern: z.string().optional(),
  allowedValues: z.array(z.string()).optional(),
});

const Content = z.object({
  schemaVersion: z.literal('2.2'),
  parameters: z.record(z.string(), Parameter).default({}),
  mainSteps: z
    .array(
      z.object({
        action: z.literal('aws:runShellScript'),
        name: z.string(),
        inputs: z.object({
          timeoutSeconds: z.union([z.string(), z.number()]).default(3600),
          runCommand: z.array(z.string()),
        }),
      }),
    )
    .length(1),
});

/** One Command document, as `dist/documents/NAME.json` holds it. */
export interface LocalDocument {
  readonly name: DocumentName;
  /** Hex SHA-256 of the content: what `DocumentHash` must be. */
  readonly sha256: string;
  readonly parameters: Readonly<Record<string, z.infer<typeof Parameter>>>;
  readonly stepName: string;
  /** Execution timeout of the document's only step. */
  readonly timeoutSeconds: number;
  readonly runCommand: readonly string[];
}

/** @throws a sentence that names the file when it is no Command document of schema 2.2 with one shell step */
export async function loadDocuments(folder: string): Promise<ReadonlyMap<string, LocalDocument>> {
  const documents = new Map<string, LocalDocument>();
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.json')) continue;
    const text = await readFile(join(folder, file), 'utf8');
    documents.set(basename(file, '.json'), parseDocument(basename(file, '.json'), text));
  }
  return documents;
}

/** @throws like {@link loadDocuments} */
export function parseDocument(name: string, text: string): LocalDocument {
  const content = Content.safeParse(JSON.parse(text));
  const step = content.data?.mainSteps[0];
  if (!content.success || step === undefined) {
    throw new Error(
      `Document ${name} is not a Command document: ${z.prettifyError(content.error ?? new z.ZodError([]))}`,
    );
  }
  return {
    name: name as DocumentName,
    sha256: createHash('sha256').update(text).digest('hex'),
    parameters: content.data.parameters,
    stepName: step.name,
    timeoutSeconds: Number(step.inputs.timeoutSeconds),
    runCommand: step.inputs.runCommand,
  };
}

/**
 * Checks the parameters of a SendCommand as the service does and fills in the defaults.
 * @throws SsmError `InvalidParameters`
 */
export function resolveParameters(
  document: LocalDocument,
  given: Readonly<Record<string, readonly string[]>>,
): Record<string, string> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(document.parameters, name)) {
      throw new SsmError(
        'InvalidParameters',
        `Parameter ${name} is not defined in document ${document.name}.`,
      );
    }
  }
  const resolved: Record<string, string> = {};
  for (const [name, rule] of Object.entries(document.parameters)) {
    const values = given[name];
    const value = values === undefined ? rule.default : values[0];
    if (value === undefined || (values !== undefined && values.length !== 1)) {
      throw new SsmError(
        'InvalidParameters',
        `Parameter ${name} of document ${document.name} needs one value.`,
      );
    }
    const isAllowed =
      (rule.allowedPattern === undefined || new RegExp(rule.allowedPattern).test(value)) &&
      (rule.allowedValues === undefined || rule.allowedValues.includes(value));
    if (!isAllowed) {
      const rules = rule.allowedPattern ?? rule.allowedValues?.join(', ');
      throw new SsmError(
        'InvalidParameters',
        `Parameter ${name} of document ${document.name} must match ${rules}.`,
      );
    }
    resolved[name] = value;
  }
  return resolved;
}

/** The text that the agent runs: the step's lines with `{{ name }}` replaced, textually as the agent does it. */
export function renderScript(document: LocalDocument, parameters: Readonly<Record<string, string>>): string {
  return document.runCommand
    .join('\n')
    .replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => parameters[name] ?? whole);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleScripts, buildDocuments } from '../../nodes/documents.ts';
import { kernelNode } from '../kernel/kernel-node.ts';
import type { NodeRoot } from '../kernel/node-root.ts';
import { parseDocument, renderScript, resolveParameters } from '../ssm/documents.ts';
import type { DocumentName } from '../ssm/local-node.ts';

/** Marks the sections of every recorded capture; a replay puts its own run's nonce in its place. */
const RECORDING_NONCE = 'recordedcapture0';

const NODES = join(import.meta.dirname, '..', '..', 'nodes');

/** Runs one of the product's documents on a node, exactly as it is registered and with its parameters checked. */
export async function runDocument(
  root: NodeRoot,
  name: DocumentName,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const built = buildDocuments(assembleScripts((path) => readFileSync(join(NODES, path), 'utf8')));
  const content = built.find((document) => document.name === name)?.content ?? '';
  const document = parseDocument(name, content);
  const given = Object.fromEntries(
    Object.entries({ nonce: RECORDING_NONCE, ...parameters }).map(([key, value]) => [key, [value]]),
  );
  const checked = resolveParameters(document, given);
  const { exitCode, stdout, stderr } = await kernelNode(root).run(
    name,
    checked,
    renderScript(document, checked),
  );
  if (exitCode !== 0)
    throw new Error(
      `${name} ended with code ${exitCode} while recording: ${stderr.trim()} ${stdout.slice(-400)}`,
    );
  return stdout;
}

import { readFileSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SSMClient, UpdateDocumentCommand, UpdateDocumentDefaultVersionCommand } from '@aws-sdk/client-ssm';
import type { Build, LocalService } from '../../../local/demo/service.ts';
import { type LocalDocument, parseDocument } from '../../../local/ssm/documents.ts';
import { assembleScripts, buildDocuments } from '../../../nodes/documents.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A build of this checkout with the texts of its documents. */
export interface TextBuild extends Build {
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Builds functions and documents into a folder of their own.
 * @param words what every script says at its beginning besides, to nobody; nothing for the build as it is
 */
export async function buildWith(words: string | undefined): Promise<TextBuild> {
  const bundles = await mkdtemp(join(tmpdir(), 'medic-build-'));
  await cp(join(ROOT, 'dist/lambdas'), bundles, { recursive: true });
  const scripts = assembleScripts((path) => {
    const text = readFileSync(join(ROOT, 'nodes', path), 'utf8');
    const isWhole = !path.includes('/');
    // As a command: a document may leave out the comments of its script.
    return words === undefined || !isWhole ? text : text.replace('\n', `\n: ${words}\n`);
  });
  const texts = new Map<string, string>();
  const documents = new Map<string, LocalDocument>();
  for (const { name, content } of buildDocuments(scripts)) {
    texts.set(name, content);
    documents.set(name, parseDocument(name, content));
  }
  return { bundles, documents, texts };
}

/** The Systems Manager of a service, as a deployment uses it. */
export function registryOf({ environment }: LocalService) {
  const client = new SSMClient({
    region: environment['AWS_REGION'] ?? '',
    endpoint: environment['AWS_ENDPOINT_URL_SSM'] ?? '',
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
    maxAttempts: 1,
  });
  return {
    /** Registers the texts as new versions; the default stays where it is, as it may after CloudFormation's update. */
    register: async ({ texts }: TextBuild) => {
      for (const [Name, Content] of texts)
        await client.send(new UpdateDocumentCommand({ Name, Content, DocumentVersion: '$LATEST' }));
    },
    /** Makes a version of every document the default. */
    promote: async ({ texts }: TextBuild, DocumentVersion: string) => {
      for (const Name of texts.keys())
        await client.send(new UpdateDocumentDefaultVersionCommand({ Name, DocumentVersion }));
    },
  };
}

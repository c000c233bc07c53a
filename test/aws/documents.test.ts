import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  CreateDocumentCommand,
  DescribeDocumentCommand,
  DuplicateDocumentContent,
  SSMClient,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { loadDocuments } from '../../local/ssm/documents.ts';
import { DocumentChangedError } from '../../src/adapters/errors.ts';
import { SsmCollectCommands } from '../../src/adapters/ssm/commands.ts';
import { findVersion } from '../../src/adapters/ssm/document-versions.ts';
import { SsmTraceCommands } from '../../src/adapters/ssm/trace-commands.ts';
import type { DocumentText } from '../../src/core/record/document-pin.ts';
import { AT_MOTO, MOTO, startEmpty } from './support/moto.ts';

const FOLDER = new URL('../../dist/documents/', import.meta.url);

describe.skipIf(MOTO === undefined)('Systems Manager', () => {
  startEmpty();
  const client = new SSMClient(AT_MOTO);

  test('takes every built document, with the hash that the functions pin and the parameters that they send', async () => {
    const documents = await loadDocuments(FOLDER.pathname);
    expect(documents.size).toBeGreaterThan(2);
    for (const { name, sha256, parameters } of documents.values()) {
      const Content = await readFile(new URL(`${name}.json`, FOLDER), 'utf8');
      await client.send(
        new CreateDocumentCommand({ Name: name, Content, DocumentType: 'Command', DocumentFormat: 'JSON' }),
      );
      const { Document } = await client.send(new DescribeDocumentCommand({ Name: name }));
      expect(Document).toMatchObject({ Hash: sha256, HashType: 'Sha256', SchemaVersion: '2.2' });
      expect(Document?.Parameters?.map(({ Name }) => Name)).toEqual(Object.keys(parameters));
    }
  });

  test('keeps the version of a text findable by its hash, wherever the default stands', async () => {
    const text = (comment: string) =>
      JSON.stringify({
        schemaVersion: '2.2',
        mainSteps: [
          { action: 'aws:runShellScript', name: 'one', inputs: { runCommand: [`# ${comment}`, 'exit 0'] } },
        ],
      });
    const hashOf = (comment: string) => createHash('sha256').update(text(comment)).digest('hex');
    const Name = 'medic-upgraded';
    await client.send(new CreateDocumentCommand({ Name, Content: text('old'), DocumentType: 'Command' }));
    await client.send(new UpdateDocumentCommand({ Name, Content: text('new'), DocumentVersion: '$LATEST' }));
    const versionOf = (comment: string) => findVersion(client, { name: Name, hash: hashOf(comment) });
    const hashIn = async (DocumentVersion: string) =>
      (await client.send(new DescribeDocumentCommand({ Name, DocumentVersion }))).Document?.Hash;
    expect([await hashIn('1'), await hashIn('2')]).toEqual([hashOf('old'), hashOf('new')]);
    expect(await versionOf('old')).toBe('1');
    await client.send(new UpdateDocumentDefaultVersionCommand({ Name, DocumentVersion: '2' }));
    expect(await versionOf('new')).toBe('2');
    // The way back to a text that is there already.
    await expect(
      client.send(new UpdateDocumentCommand({ Name, Content: text('old'), DocumentVersion: '$LATEST' })),
    ).rejects.toBeInstanceOf(DuplicateDocumentContent);
    const Unknown = { name: 'medic-never-registered', hash: hashOf('old') };
    await expect(findVersion(client, Unknown)).rejects.toBeInstanceOf(DocumentChangedError);
  });

  test('takes the commands that collect and that trace, and hands back what each said', async () => {
    const documents = await loadDocuments(FOLDER.pathname);
    const pinned = (name: string) => ({ name, hash: documents.get(name)?.sha256 ?? '' });
    const request = {
      instanceIds: ['i-0123456789abcdef0'],
      nonce: 'a1b2c3d4e5f6a7b8',
      incidentId: 'inc-0123456789abcdef0123',
    };
    const found = (document: DocumentText) => findVersion(client, document);
    const settings = { sampleSeconds: 10, deliverySeconds: 120 };
    const collecting = new SsmCollectCommands(() => client, pinned('medic-collect'), found, settings);
    const tracing = new SsmTraceCommands(() => client, pinned('medic-trace'), found, settings);
    for (const [commands, sent, { hash }] of [
      [collecting, await collecting.collect(request), pinned('medic-collect')],
      [tracing, await tracing.trace({ ...request, seconds: 15, port: 30080 }), pinned('medic-trace')],
    ] as const) {
      const { instanceIds } = request;
      const commandId = expect.stringMatching(/^[0-9a-f-]{36}$/);
      expect(sent).toEqual({ documentHash: hash, commands: [{ commandId, instanceIds }], refused: [] });
      const [output] = await commands.outputs(sent.commands[0]?.commandId ?? '', instanceIds);
      expect(output).toMatchObject({
        instanceId: instanceIds[0],
        why: expect.stringContaining('wrote nothing'),
      });
    }
  });
});

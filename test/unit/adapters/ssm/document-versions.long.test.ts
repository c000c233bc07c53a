import {
  DeleteDocumentCommand,
  SSMClient,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalDocument, parseDocument } from '../../../../local/ssm/documents.ts';
import { startSsmEndpoint } from '../../../../local/ssm/endpoint.ts';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { DocumentChangedError } from '../../../../src/adapters/errors.ts';
import { SsmCollectCommands } from '../../../../src/adapters/ssm/commands.ts';
import { findVersion, keptVersions } from '../../../../src/adapters/ssm/document-versions.ts';
import { openIncident } from '../../../../src/core/incident/open-incident.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { LOCAL, startTable, TABLE } from '../support.ts';

const NAME = 'medic-collect';
const NODE = 'i-0aaaaaaaaaaaaaaaa';

const textOf = (comment: string) =>
  JSON.stringify({
    schemaVersion: '2.2',
    parameters: { nonce: { type: 'String' }, sampleSeconds: { type: 'String' } },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'collect',
        inputs: { timeoutSeconds: '60', runCommand: [`# ${comment}`, 'exit 0'] },
      },
    ],
  });
const documentOf = (comment: string): LocalDocument => parseDocument(NAME, textOf(comment));
const text = (comment: string) => ({ name: NAME, hash: documentOf(comment).sha256 });

const [OLD, NEW, THIRD] = ['as it was', 'as it is', 'as it will be'] as const;

let server: Awaited<ReturnType<typeof startSsmEndpoint>>;
let client: SSMClient;
/** Comments of the scripts that ran, by what the node was given. */
let ran: string[];

beforeEach(async () => {
  const runs: string[] = [];
  ran = runs;
  const node = {
    instanceId: NODE,
    tags: {},
    platform: { name: 'Debian', version: '13', agentVersion: '3.3.2746.0' },
    ping: () => 'Online' as const,
    run: async (_name: unknown, _parameters: unknown, script: string) => {
      runs.push(script.slice(2, script.indexOf('\n')));
      return { exitCode: 0, stdout: 'read', stderr: '' };
    },
  };
  server = await startSsmEndpoint({
    key: undefined,
    documents: new Map([[NAME, documentOf(OLD)]]),
    nodes: [node],
  });
  client = new SSMClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
});
afterEach(() => server.close());

const update = async (comment: string) => {
  await client.send(
    new UpdateDocumentCommand({ Name: NAME, Content: textOf(comment), DocumentVersion: '$LATEST' }),
  );
};
const promote = async (DocumentVersion: string) => {
  await client.send(new UpdateDocumentDefaultVersionCommand({ Name: NAME, DocumentVersion }));
};

describe('the version of a text', () => {
  test('is found before and after an upgrade, and wherever the default was left', async () => {
    expect(await findVersion(client, text(OLD))).toBe('1');
    await update(NEW);
    expect([await findVersion(client, text(OLD)), await findVersion(client, text(NEW))]).toEqual(['1', '2']);
    await promote('2');
    expect([await findVersion(client, text(OLD)), await findVersion(client, text(NEW))]).toEqual(['1', '2']);
  });

  test('is found among many', async () => {
    for (let index = 0; index < 70; index++) await update(`version ${index}`);
    expect(await findVersion(client, text('version 60'))).toBe('62');
  });

  test('that is none says so in one sentence, with the place and what to do', async () => {
    const place = { account: '222233334444', region: 'eu-central-1' };
    const finding = findVersion(client, text(NEW), place);
    await expect(finding).rejects.toBeInstanceOf(DocumentChangedError);
    await expect(finding).rejects.toThrow(
      /^No version of medic-collect in account 222233334444, eu-central-1 has the text .*nothing was sent; deploy again there/,
    );
    await client.send(new DeleteDocumentCommand({ Name: NAME }));
    await expect(findVersion(client, text(OLD))).rejects.toBeInstanceOf(DocumentChangedError);
  });
});

describe('an incident', () => {
  let table: Awaited<ReturnType<typeof startTable>>;
  let store: DynamoIncidentStore;
  const head = openIncident(buildAlarm(), '2026-11-23T14:02:05.000Z');
  const commandsOf = (comment: string) =>
    new SsmCollectCommands(
      () => client,
      text(comment),
      keptVersions(store, () => client),
      {
        sampleSeconds: 2,
        deliverySeconds: 120,
      },
    );
  const request = { instanceIds: [NODE], nonce: 'a1b2c3d4e5f6a7b8', incidentId: head.id };
  const pins = async () =>
    (await store.head(head.id))?.documents?.map(({ hash, version }) => [hash, version]);

  beforeEach(async () => {
    table = await startTable();
    store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 1 });
    await store.open(head);
  });
  afterEach(() => table.close());

  test('goes on with the version that it began with, and a function of the next build adds its own', async () => {
    const [before, after] = [commandsOf(OLD), commandsOf(NEW)];
    await before.collect(request);
    await update(NEW);
    await promote('2');
    await before.collect(request);
    await after.collect(request);
    await expect.poll(() => ran).toEqual([OLD, OLD, NEW]);
    expect(await pins()).toEqual([
      [text(OLD).hash, '1'],
      [text(NEW).hash, '2'],
    ]);
  });

  test('keeps one for each account and region, because each numbers its own', async () => {
    const place = { account: '222233334444', region: 'eu-west-1' };
    await commandsOf(OLD).collect(request);
    await commandsOf(OLD).collect({ ...request, place });
    expect((await store.head(head.id))?.documents).toEqual([
      { ...text(OLD), version: '1' },
      { ...text(OLD), version: '1', ...place },
    ]);
  });

  test('finds it anew where its document was deleted and made again', async () => {
    await update(NEW);
    await commandsOf(NEW).collect(request);
    expect(await pins()).toEqual([[text(NEW).hash, '2']]);
    await server.close();
    server = await startSsmEndpoint({
      key: undefined,
      documents: new Map([[NAME, documentOf(NEW)]]),
      nodes: [],
    });
    client = new SSMClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
    await commandsOf(NEW).collect(request);
    expect(await pins()).toEqual([[text(NEW).hash, '1']]);
  });

  test('is not led to another text by what is written into its record', async () => {
    await update(NEW);
    await update(THIRD);
    await store.update(head.id, (now) => ({ ...now, documents: [{ ...text(OLD), version: '3' }] }));
    await commandsOf(OLD).collect(request);
    await expect.poll(() => ran).toEqual([OLD]);
    expect(await pins()).toEqual([[text(OLD).hash, '1']]);
  });
});

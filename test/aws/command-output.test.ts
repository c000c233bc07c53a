import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { outputReader } from '../../src/adapters/ssm/command-output.ts';
import { SsmCollectCommands } from '../../src/adapters/ssm/commands.ts';
import { SsmTraceCommands } from '../../src/adapters/ssm/trace-commands.ts';
import { LOCAL, startResponder } from '../unit/adapters/support.ts';
import { AT_MOTO, MOTO, startEmpty } from './support/moto.ts';

const NODE = 'i-0aaaaaaaaaaaaaaaa';
const FOLDER = { bucket: 'evidence', prefix: 'commands' };
const KEY = `commands/c-1/${NODE}/awsrunShellScript/collect/stdout`;
const ADDRESS = `https://s3.eu-central-1.amazonaws.com/evidence/${KEY}`;
const whole = `${'x'.repeat(30_000)}é end`;

describe.skipIf(MOTO === undefined)('output that is longer than Systems Manager returns', () => {
  startEmpty();
  const s3 = new S3Client({ ...AT_MOTO, forcePathStyle: true });
  let ssm: Awaited<ReturnType<typeof startResponder>> | undefined;
  afterEach(() => ssm?.close());

  beforeAll(async () => {
    const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' } as const;
    for (const Bucket of ['evidence', 'other'])
      await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    await s3.send(new PutObjectCommand({ Bucket: 'evidence', Key: KEY, Body: whole }));
    await s3.send(new PutObjectCommand({ Bucket: 'evidence', Key: 'audit/secret', Body: 'secret' }));
  });

  const REQUEST = { instanceIds: [NODE], nonce: 'a1b2c3d4e5f6a7b8', incidentId: 'inc-0123456789' };

  async function outputAt(address: string, kind: 'collect' | 'trace' = 'collect'): Promise<unknown> {
    ssm = await startResponder(({ target }) => ({
      status: 200,
      body:
        target === 'SendCommand'
          ? { Command: { CommandId: 'c-1' } }
          : {
              Status: 'Success',
              ResponseCode: 0,
              StandardOutputContent: whole.slice(0, 24_000),
              StandardOutputUrl: address,
            },
    }));
    const client = new SSMClient({ ...LOCAL, endpoint: ssm.url });
    const settings = { sampleSeconds: 10, deliverySeconds: 120, output: FOLDER };
    const reads = [
      () => client,
      { name: `medic-${kind}`, hash: 'a'.repeat(64) },
      async () => '1',
      settings,
      outputReader(s3, FOLDER),
    ] as const;
    const collecting = new SsmCollectCommands(...reads);
    const tracing = new SsmTraceCommands(...reads);
    const commands = kind === 'collect' ? collecting : tracing;
    if (kind === 'collect') await collecting.collect(REQUEST);
    else await tracing.trace({ ...REQUEST, seconds: 15, port: undefined });
    expect(JSON.parse(ssm.seen[0]?.body ?? '')).toMatchObject({
      OutputS3BucketName: 'evidence',
      OutputS3KeyPrefix: 'commands',
    });
    const [output] = await commands.outputs('c-1', [NODE]);
    return output?.kind === 'output' ? output.text : output;
  }

  test.each([ADDRESS, `https://evidence.s3.eu-central-1.amazonaws.com/${KEY}`])(
    'is read whole from %s',
    async (address) => {
      expect(await outputAt(address)).toBe(whole);
    },
  );

  test('is read whole of a trace as well', async () => {
    expect(await outputAt(ADDRESS, 'trace')).toBe(whole);
  });

  test.each([
    ['another bucket', `https://s3.eu-central-1.amazonaws.com/other/${KEY}`],
    ['another folder', 'https://s3.eu-central-1.amazonaws.com/evidence/audit/secret'],
    ['nowhere', `${ADDRESS}-gone`],
    ['no address', ''],
  ])('stays cut when it is at %s', async (_where, address) => {
    expect(await outputAt(address)).toBe(whole.slice(0, 24_000));
  });
});

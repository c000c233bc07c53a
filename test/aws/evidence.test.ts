import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEvidenceStore } from '../../src/adapters/evidence-store.ts';
import { AT_MOTO, MOTO, startEmpty } from './support/moto.ts';

describe.skipIf(MOTO === undefined)('the evidence bucket', () => {
  startEmpty();
  const client = new S3Client({ ...AT_MOTO, forcePathStyle: true });
  beforeAll(async () => {
    await client.send(
      new CreateBucketCommand({
        Bucket: 'evidence',
        CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
      }),
    );
  });
  const read = async (Key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'evidence', Key }));
    return await Body?.transformToString();
  };

  test('keeps a text byte for byte under its address', async () => {
    const address = await openEvidenceStore('s3://evidence/medic', client).put(
      'inc-1/1-i-0a.txt',
      'é\u0000✓\n',
    );
    expect(address).toBe('s3://evidence/medic/inc-1/1-i-0a.txt');
    expect(await read('medic/inc-1/1-i-0a.txt')).toBe('é\u0000✓\n');
  });

  test('never replaces what is kept once', async () => {
    const store = openEvidenceStore('s3://evidence', client);
    await store.putOnce('inc-1/audit-000001.json', 'first');
    expect(await store.putOnce('inc-1/audit-000001.json', 'second')).toBe(
      's3://evidence/inc-1/audit-000001.json',
    );
    expect(await read('inc-1/audit-000001.json')).toBe('first');
  });
});

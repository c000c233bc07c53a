import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../cdk/config.ts';
import { HUB, SPOKE } from './support.ts';

const EXAMPLE = 'cdk/config.example.json';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Reads the example with the changes. */
async function read(changes: Readonly<Record<string, unknown>>) {
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(readFileSync(EXAMPLE, 'utf8')), ...changes }));
  return readConfig(path);
}

describe('readConfig', () => {
  it('takes the example and fills in the rest', () => {
    expect(readConfig(EXAMPLE)).toMatchObject({
      stackName: 'ConntrackMedic',
      maxNodes: 20,
      evidenceDays: 90,
      logDays: 90,
      reserveConcurrency: true,
      spokes: [],
    });
  });

  it.each([
    [{ slackChannel: '#incidents' }, 'slackChannel'],
    [{ approvers: ['@ana'] }, 'approvers'],
    [{ maxNodes: 51 }, 'maxNodes'],
    [{ logDays: 91 }, 'logDays'],
    [{ logDays: 9999 }, 'logDays'],
    [{ commandOutput: { bucket: 's3://shop', prefix: 'medic' } }, 'must be the name of a bucket'],
    [{ commandOutput: { bucket: 'shop', prefix: 'medic/' } }, 'must be a folder'],
    [{ slackBotToken: 'xoxb' }, 'slackBotToken'],
    [{ spokes: [SPOKE] }, 'spokes need account and region'],
    [{ ...HUB, spokes: [{ ...SPOKE, account: HUB.account }] }, 'no spoke of it'],
    [{ ...HUB, spokes: [SPOKE, { ...SPOKE, region: 'us-east-1' }] }, 'an account is a spoke once'],
    [{ ...HUB, spokes: [{ ...SPOKE, externalId: 'short' }] }, 'external id'],
  ])('refuses %j and names the file', async (changes, sentence) => {
    await expect(read(changes)).rejects.toThrow(sentence);
    await expect(read(changes)).rejects.toThrow('config.json');
  });
});

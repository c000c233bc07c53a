import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeTagsOf, readConfig } from '../../../cdk/config.ts';
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
      maxNodes: 100,
      evidenceDays: 90,
      logDays: 90,
      reserveConcurrency: true,
      spokes: [],
    });
  });

  it.each(['T0123456789', 'E0123456789'])(
    'takes %s as the Slack workspace or enterprise',
    async (slackTeam) => {
      expect(await read({ slackTeam })).toMatchObject({ slackTeam });
    },
  );

  it('reads the one tag of configurations that know no other', async () => {
    const config = await read({ nodeTags: undefined, nodeTag: { key: 'medic', value: 'yes' } });
    expect(nodeTagsOf(config)).toEqual([{ key: 'medic', values: ['yes'] }]);
  });

  it.each([
    [{ slackChannel: '#incidents' }, 'slackChannel'],
    [{ slackTeam: 'acme' }, 'slackTeam must be the id of a Slack workspace such as T0123456789'],
    [{ slackTeam: '' }, 'slackTeam'],
    [{ slackTeam: 't0123456789' }, 'slackTeam'],
    [{ slackTeam: 'C0123456789' }, 'slackTeam'],
    [{ slackTeam: 'T0123456789\n' }, 'slackTeam'],
    [{ approvers: ['@ana'] }, 'approvers'],
    [{ signingSecretName: undefined }, 'signingSecretName is missing; docs/operations.md has every field'],
    [{ signingSecretName: 'conntrack-medic/slack' }, 'must be another secret than slackSecretName'],
    [{ maxNodes: 201 }, 'maxNodes must be at most 200'],
    [{ logDays: 91 }, 'logDays'],
    [{ logDays: 9999 }, 'logDays must be one of 1, 3, 5'],
    [{ logDays: 'INFINITE' }, 'logDays must be one of 1, 3, 5'],
    [{ alarmNamePrefix: undefined }, 'alarmNamePrefix is missing'],
    [{ nodeTags: undefined, nodeTag: 'shop' }, 'nodeTag must be an object'],
    [{ nodeTags: undefined }, 'nodeTags must be there, or nodeTag for one tag with one value'],
    [{ nodeTag: { key: 'medic', value: 'yes' } }, 'nodeTags must be there, or nodeTag'],
    [{ nodeTags: [] }, 'nodeTags must have at least 1 entry'],
    [{ nodeTags: [{ key: 'medic', values: 'yes' }] }, 'nodeTags[0].values must be "any" or a list'],
    [{ nodeTags: [{ key: 'medic', values: [] }] }, 'nodeTags[0].values must'],
    [
      { nodeTags: ['a', 'b'].map((value) => ({ key: 'medic', values: [value] })) },
      'nodeTags must hold each key once, with all its values',
    ],
    [{ alarmTargets: [{ alarm: 'a' }] }, 'alarmTargets[0] must have exactly one of instanceIds'],
    [{ commandOutput: { bucket: 's3://shop', prefix: 'medic' } }, 'must be the name of a bucket'],
    [{ commandOutput: { bucket: 'shop', prefix: 'medic/' } }, 'must be a folder'],
    [{ slackBotToken: 'xoxb' }, 'slackBotToken is not a field'],
    [{ spokes: [SPOKE] }, 'spokes need account and region'],
    [
      { ...HUB, spokes: [{ ...SPOKE, account: HUB.account }] },
      'spokes must not hold the account of the service',
    ],
    [{ ...HUB, spokes: [SPOKE, { ...SPOKE, region: 'us-east-1' }] }, 'spokes must hold each account once'],
    [{ ...HUB, spokes: [{ ...SPOKE, externalId: 'short' }] }, 'external id'],
  ])('refuses %j and names the file', async (changes, sentence) => {
    await expect(read(changes)).rejects.toThrow(sentence);
    await expect(read(changes)).rejects.toThrow(/config\.json cannot be used: [^\n]+\.$/);
  });

  it.each([
    ['{ "slackChannel": "C0123456789", }', /config\.json is not JSON \(.*\); [^\n]+\.$/],
    ['[]', /config\.json cannot be used: it must be an object; [^\n]+\.$/],
  ])('tells of %s in one sentence', async (text, sentence) => {
    const path = join(folder, 'config.json');
    await writeFile(path, text);
    expect(() => readConfig(path)).toThrow(sentence);
  });

  it('tells of a file that is not there what to copy', () => {
    expect(() => readConfig(join(folder, 'none.json'))).toThrow(
      /ENOENT[^\n]+copy cdk\/config\.example\.json/,
    );
  });
});

describe('cdk synth', () => {
  const synth = (config: string) =>
    new Promise<{ code: unknown; error: string }>((done) => {
      const args = ['--import', 'tsx', 'cdk/app.ts'];
      const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ config }) };
      execFile(process.execPath, args, { env }, (failure, _, error) =>
        done({ code: failure?.code ?? 0, error }),
      );
    });

  it('says in one line what is wrong with the configuration', async () => {
    const path = join(folder, 'wrong.json');
    await writeFile(path, '{}');
    const { code, error } = await synth(path);
    expect(code).toBe(1);
    expect(error.trim().split('\n')).toEqual([
      expect.stringMatching(/^conntrack-medic: .*wrong\.json cannot be used: /),
    ]);
  });

  it('prints no word of the file, or of its name, that acts on the terminal', async () => {
    const acts = '\u001b]0;owned\u0007\u009b2J\u202e';
    const path = join(folder, `${acts}.json`);
    const example: unknown = JSON.parse(readFileSync(EXAMPLE, 'utf8'));
    const wrong = { ...(example as object), [acts]: 1, nodeTag: { [acts]: acts }, logDays: acts };
    const configs = [wrong, `{ "${acts}": `];
    for (const config of configs) {
      await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
      const { code, error } = await synth(path);
      expect([config, code, /(?!\n)[\p{Cc}\p{Cf}]/u.exec(error)?.[0]]).toEqual([config, 1, undefined]);
      expect(error).toContain('\\u{1b}');
    }
  }, 60_000);
});

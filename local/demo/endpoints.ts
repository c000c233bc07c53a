import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { MedicError } from '../../src/core/errors.ts';
import { isRunning, WORK_DIR_PREFIX } from './work-dir.ts';

const localUrl = z.string().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}(\/[\w./-]*)?$/, 'must be on 127.0.0.1');
const documentName = z.string().regex(/^[a-zA-Z0-9_.-]{3,128}$/);

/**
 * Where the parts of a running demo are, so that a command in another terminal can use them as it would use a deployment.
 * The secrets in it open nothing but that demo.
 */
export const DemoEndpoints = z.strictObject({
  schema: z.literal('medic.demo/1'),
  /** Folder of the checkout that it runs from. */
  checkout: z.string().min(1),
  region: z.string().min(1),
  /** Systems Manager, for `@aws-sdk/client-ssm`. */
  ssm: localUrl,
  /** DynamoDB, for `@aws-sdk/client-dynamodb`. */
  dynamo: localUrl,
  /** Lambda, for `@aws-sdk/client-lambda`. */
  lambda: localUrl,
  /** `slackApiUrl` of a Slack client, ending in a slash. */
  slackApi: localUrl,
  /** Page of the workspace. */
  slackPage: localUrl,
  /** Request URL of the Slack app: the function URL behind which clicks arrive. */
  slackRequest: localUrl,
  /** Function URL that takes alerts of monitoring systems. */
  webhook: localUrl,
  /** DynamoDB table of the incident records. */
  table: z.string().min(3),
  /** Folder of the raw node output. */
  evidence: z.string().min(1),
  /** Names of the SSM documents. */
  documents: z.strictObject({
    collect: documentName,
    probe: documentName,
    trace: documentName,
    raise: documentName,
    settings: documentName,
    deleteUdpEntry: documentName,
    rollback: documentName,
  }),
  /** Id of the channel that gets the cards. */
  channel: z.string().min(1),
  /** Id of the workspace whose clicks count. */
  team: z.string().min(1),
  /** Slack user ids that may approve a change. */
  approvers: z.array(z.string()),
  /** What calls of Systems Manager, DynamoDB and Lambda are signed with. */
  credentials: z.strictObject({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) }),
  botToken: z.string().min(1),
  signingSecret: z.string().min(1),
  webhookSecret: z.string().min(1),
});
export type DemoEndpoints = z.infer<typeof DemoEndpoints>;

const FILE = 'endpoints.json';

/** Writes the file into the demo's own folder, readable for its user only; it goes with that folder. */
export async function writeEndpoints(workDir: string, endpoints: DemoEndpoints): Promise<void> {
  await writeFile(join(workDir, FILE), `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
}

/** A demo runs, and is not of this checkout's version. */
class OtherVersionError extends MedicError {
  override readonly name = 'OtherVersionError';
  override readonly code = 'other-version';
}

/** Removes it; a demo that ends is found no more, even while its folder is still there. */
export async function removeEndpoints(workDir: string): Promise<void> {
  await rm(join(workDir, FILE), { force: true });
}

/** The demos that run, the one that was started last in front. */
export interface FoundDemos {
  readonly demos: readonly DemoEndpoints[];
  /** A sentence for each one whose file is another one than this version writes. */
  readonly others: readonly OtherVersionError[];
}

/**
 * Finds the demos that this user started and that still run.
 * @param root folder with the demos' folders; the system's folder for temporary files unless given
 */
export async function findDemos(root: string = tmpdir()): Promise<FoundDemos> {
  const names = (await readdir(root)).filter((name) => name.startsWith(WORK_DIR_PREFIX));
  const started = await Promise.all(names.map((name) => startedAt(join(root, name))));
  const newestFirst = started.flatMap((one) => one ?? []).toSorted((a, b) => b.at - a.at);
  const read = (await Promise.all(newestFirst.map(({ file }) => readEndpoints(file)))).flatMap(
    (one) => one ?? [],
  );
  return {
    demos: read.flatMap((one) => (one instanceof OtherVersionError ? [] : one)),
    others: read.flatMap((one) => (one instanceof OtherVersionError ? one : [])),
  };
}

/** Nothing for folders of other users, who could point a command anywhere, and of demos that have ended. */
async function startedAt(folder: string): Promise<{ file: string; at: number } | undefined> {
  try {
    const file = join(folder, FILE);
    const [directory, { uid, mtimeMs }] = [await stat(folder), await stat(file)];
    const isOwn = [directory.uid, uid].every((owner) => owner === process.getuid?.());
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    return isOwn && isRunning(pid) ? { file, at: mtimeMs } : undefined;
  } catch {
    // Without one of its files it is a demo that is starting or ending.
    return undefined;
  }
}

/** Nothing of a demo that has ended meanwhile. */
async function readEndpoints(file: string): Promise<DemoEndpoints | OtherVersionError | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return DemoEndpoints.parse(JSON.parse(text));
  } catch (cause) {
    return new OtherVersionError(
      `The demo that runs on this machine is of another version; end it and start it again (${file}).`,
      { cause },
    );
  }
}

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import * as z from 'zod';

/** Everything the lab keeps on disk while it runs; gone when it has ended. */
export const LAB_DIRECTORY = '/run/conntrack-medic-demo';

const STATE_FILE = `${LAB_DIRECTORY}/state.json`;

/** What has to be undone, written and synced before the first change. */
export const LabState = z.strictObject({
  version: z.literal(1),
  /** Boot during which the lab ran: after a reboot the kernel has its own values again and only files are left. */
  bootId: z.string(),
  values: z.strictObject({ max: z.number(), buckets: z.number(), timeWaitSeconds: z.number() }),
  /** `nft list ruleset` before the lab added its table. */
  ruleset: z.string(),
  table: z.string(),
  namespaces: z.array(z.string()),
  interfaces: z.array(z.string()),
  /** Target of /proc/PID/ns/mnt of the node's private mounts, once they exist. */
  mountNamespace: z.string().optional(),
});
export type LabState = z.infer<typeof LabState>;

/** Id of the running boot. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Writes the state so that a crash right after the call still finds it. */
export function writeLabState(state: LabState): void {
  mkdirSync(LAB_DIRECTORY, { recursive: true, mode: 0o700 });
  const file = openSync(`${STATE_FILE}.new`, 'w', 0o600);
  writeSync(file, JSON.stringify(state));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${STATE_FILE}.new`, STATE_FILE);
}

/** The state of a lab that runs or died, or undefined. @throws Error when the file is not one of ours */
export function readLabState(): LabState | undefined {
  let text: string;
  try {
    text = readFileSync(STATE_FILE, 'utf8');
  } catch {
    return undefined;
  }
  return LabState.parse(JSON.parse(text));
}

/** Removes the state and everything beside it. */
export function removeLabDirectory(): void {
  rmSync(LAB_DIRECTORY, { recursive: true, force: true });
}

import { randomBytes } from 'node:crypto';
import { command } from './command.ts';
import { DropWatch } from './drop-watch.ts';
import { type KernelValues, readKernelValues, writeKernelValues } from './kernel-values.ts';
import { buildLabNetwork, inNamespace, labNames } from './lab-network.ts';
import { checkIsIdle, checkPreconditions } from './lab-preconditions.ts';
import { type LabProcess, nodeCommand, startProcess } from './lab-process.ts';
import { LAB_ADDRESSES, LAB_TABLE, NODE_PORT, POD_PORT } from './lab-rules.ts';
import { bootId, type LabState, readLabState, writeLabState } from './lab-state.ts';
import { LiveClient } from './live-client.ts';
import { restoreMachine } from './restore-machine.ts';
import { startWatchdog } from './watchdog-process.ts';

/** Nothing that the lab starts runs longer than this. */
const HARD_STOP_SECONDS = 300;

/** The real fault on this machine's kernel: this machine is the node between a client and a pod. */
export interface KernelLab {
  readonly id: string;
  readonly drops: DropWatch;
  readonly client: LiveClient;
  /** What an earlier lab had left on the machine was repaired before this one started. */
  readonly repaired: boolean;
  /** Values of the machine before the lab. */
  readonly original: KernelValues;
  /**
   * Runs one more TypeScript file of the caller's until the lab ends, told its arguments and then the seconds that it
   * may take at most; resolves at its first line.
   */
  startHelper(
    where: 'client' | 'node' | 'pod',
    file: string,
    args: readonly (string | number)[],
  ): Promise<void>;
  /** Runs one short command in the client's or the pod's namespace. */
  inNamespace(where: 'client' | 'pod', args: readonly string[]): Promise<string>;
  /** Starts connections from the client to the NodePort at a fixed rate; each is held for 0 to `holdSeconds`. */
  startLoad(connectionsPerSecond: number, holdSeconds: number): Promise<void>;
  stopLoad(): Promise<void>;
  /** Tells the restore about a mount namespace whose processes have to end with the lab. */
  ownMountNamespace(target: string): void;
  /** Ends everything and restores the machine. @throws Error naming what could not be restored */
  stop(): Promise<void>;
}

/**
 * Builds the lab and sets the sick values. Whatever happens to this process afterwards, the machine is restored.
 * @throws Error when the machine is not fit for it, or its own firewall drops the lab's packets; it is restored then
 */
export async function startLab(sick: KernelValues): Promise<KernelLab> {
  await checkPreconditions();
  const watchdog = await startWatchdog();
  const id = randomBytes(3).toString('hex');
  const { client, pod, interfaces } = labNames(id);
  let state: LabState = {
    version: 1,
    bootId: bootId(),
    values: readKernelValues(),
    ruleset: await command('nft', ['list', 'ruleset']),
    table: LAB_TABLE,
    namespaces: [client, pod],
    interfaces: [interfaces.client, interfaces.pod],
  };
  const processes: LabProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((helper) => helper.end()));
    const { code, said } = await watchdog.end();
    const left = readLabState();
    if (left !== undefined) await restoreMachine(left);
    else if (code !== 0) throw new Error(`The lab's watchdog failed: ${said}`);
  };
  try {
    await checkIsIdle();
    writeLabState(state);
    await buildLabNetwork(id);
    const start = async (
      where: 'client' | 'node' | 'pod',
      file: string,
      args: readonly (string | number)[],
      onLine?: (line: string) => void,
    ): Promise<LabProcess> => {
      const enter = where === 'node' ? [] : ['ip', 'netns', 'exec', where === 'client' ? client : pod];
      const line = [...enter, ...nodeCommand(file), ...args.map(String), String(HARD_STOP_SECONDS)];
      const helper = await startProcess(line, onLine === undefined ? {} : { onLine });
      processes.push(helper);
      return helper;
    };
    await start('pod', 'pod-server.ts', [POD_PORT]);
    const target = [LAB_ADDRESSES.node, NODE_PORT];
    const live = new LiveClient();
    await start('client', 'live-client.ts', [...target, 20], (line) => live.add(line));
    await live.firstAnswers();
    writeKernelValues(sick);
    const drops = new DropWatch();
    let load: LabProcess | undefined;
    const stopLoad = async (): Promise<void> => {
      await load?.end();
      load = undefined;
    };
    return {
      id,
      drops,
      client: live,
      repaired: watchdog.repaired,
      original: state.values,
      startHelper: async (where, file, args) => {
        await start(where, file, args);
      },
      inNamespace: (where, args) => inNamespace(where === 'client' ? client : pod, args),
      startLoad: async (connectionsPerSecond, holdSeconds) => {
        await stopLoad();
        load = await start('client', 'load.ts', [...target, connectionsPerSecond, holdSeconds]);
      },
      stopLoad,
      ownMountNamespace: (mountNamespace) => {
        state = { ...state, mountNamespace };
        writeLabState(state);
      },
      stop: async () => {
        drops.stop();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_GROUP_TAGS } from '../demo-nodes.ts';
import type { DocumentName, LocalNode, NodeRun } from '../ssm/local-node.ts';
import { recordedDrops, recordedNumber, replayCapture } from './replay-capture.ts';
import { replayTrace } from './replay-trace.ts';
import { prepareScratchRoot, runInScratchNamespace } from './scratch-namespace.ts';
import { ScratchValues } from './scratch-values.ts';
import { ScriptModel } from './script-model.ts';

/** Texts recorded on one real node through its illness. A healthy node has its healthy text for all of them. */
export interface RecordedTexts {
  readonly sick: string;
  readonly raisedTooLittle: string;
  readonly raised: string;
  readonly rolledBack: string;
}

/** What medic-trace printed on a node that is as sick as this one, and on one that is not. */
export interface RecordedTraces {
  readonly sick: string;
  readonly healed: string;
}

/** How a recorded node carries out what changes it: the real scripts in a scratch namespace, or a model of them. */
export type ScriptRunner = 'scripts' | 'model';

/** What a recorded node is made of. */
export interface RecordedNodeOptions {
  readonly instanceId: string;
  /** Folder of this node alone. */
  readonly root: string;
  readonly texts: RecordedTexts;
  readonly traces: RecordedTraces;
  readonly runner: ScriptRunner;
  /** Entries that the node's load needs all the time; undefined on a healthy node. */
  readonly need?: number;
  /** How long a collection takes, in milliseconds; left out, long enough to be seen. */
  readonly collectMs?: number;
}

/** Use of the table up to which a raise counts as enough; the product verifies with the same line. */
const ENOUGH_USE = 0.7;

/** A collection takes its sampling time on a real node; a replayed one only has to be seen. */
const COLLECT_MS = 300;

/** A node of the demo that shows what was recorded, and on which the scripts that change something run or are modelled. */
export class RecordedNode implements LocalNode {
  readonly instanceId: string;
  readonly tags: Readonly<Record<string, string>> = { 'conntrack-medic': 'enabled', ...DEMO_GROUP_TAGS };
  readonly platform = { name: 'Debian GNU/Linux', version: '12', agentVersion: '3.3.3572.0' };
  readonly values: ScratchValues;
  /** Limit and files before the demo touched anything. */
  readonly original: { readonly max: number; readonly files: string };
  readonly #root: string;
  readonly #texts: RecordedTexts;
  readonly #traces: RecordedTraces;
  readonly #model: ScriptModel | undefined;
  readonly #collectMs: number;
  /** Entries that the node's load needs all the time; undefined on a healthy node. */
  readonly need: number | undefined;
  #hasLoad = true;

  private constructor(given: RecordedNodeOptions) {
    this.instanceId = given.instanceId;
    this.#root = given.root;
    this.#texts = given.texts;
    this.#traces = given.traces;
    this.need = given.need;
    this.#collectMs = given.collectMs ?? COLLECT_MS;
    this.values = new ScratchValues(given.root);
    this.#model = given.runner === 'model' ? new ScriptModel(this.values) : undefined;
    this.original = { max: this.values.max, files: this.values.filesOfEtc() };
  }

  /** Makes the node's folder and the values in it. */
  static async open(given: RecordedNodeOptions): Promise<RecordedNode> {
    const { root, texts } = given;
    await mkdir(root, { recursive: true });
    const memory = (key: string) => Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(texts.sick)?.[1]);
    const objectBytes = /^nf_conntrack +\d+ +\d+ +(\d+) /m.exec(texts.sick)?.[1];
    await prepareScratchRoot(root, {
      max: recordedNumber(texts.sick, 'nf_conntrack_max'),
      buckets: recordedNumber(texts.sick, 'nf_conntrack_buckets'),
      count: recordedNumber(texts.sick, 'nf_conntrack_count'),
      memTotalKiB: memory('MemTotal'),
      memAvailableKiB: memory('MemAvailable'),
      ...(objectBytes === undefined ? {} : { objsize: Number(objectBytes) }),
    });
    return new RecordedNode(given);
  }

  ping(): 'Online' {
    return 'Online';
  }

  /** The load is over from now on: the table drains, and a rollback is allowed. */
  endLoad(): void {
    this.#hasLoad = false;
    this.values.set({ count: recordedNumber(this.#texts.rolledBack, 'nf_conntrack_count') });
  }

  /** Packets that the node dropped while its sick state was recorded. */
  get drops(): number {
    return recordedDrops(this.#texts.sick);
  }

  /** Whether the running limit is above the old one and leaves enough room for the load. */
  get isRaisedEnough(): boolean {
    const { max } = this.values;
    return this.need !== undefined && max > this.original.max && this.need <= ENOUGH_USE * max;
  }

  async run(
    document: DocumentName,
    parameters: Readonly<Record<string, string>>,
    script: string,
  ): Promise<NodeRun> {
    if (document === 'medic-collect') return await this.#collect(parameters['nonce'] ?? '');
    if (document === 'medic-trace') return await this.#trace(parameters['nonce'] ?? '');
    return (
      this.#model?.run(document, parameters) ??
      (await runInScratchNamespace({ root: this.#root, script, environment: {} }))
    );
  }

  async #collect(nonce: string): Promise<NodeRun> {
    await sleep(this.#collectMs);
    const { text, isFull } = this.#state();
    const { max, buckets, incident } = this.values;
    const count = isFull ? max : recordedNumber(text, 'nf_conntrack_count');
    this.values.set({ count });
    const stdout = replayCapture(text, { nonce, max, buckets, incident, ...(isFull ? { count } : {}) });
    return { exitCode: 0, stdout, stderr: '' };
  }

  async #trace(nonce: string): Promise<NodeRun> {
    await sleep(this.#collectMs);
    const isHealed = this.need !== undefined && (this.isRaisedEnough || !this.#hasLoad);
    const stdout = replayTrace(isHealed ? this.#traces.healed : this.#traces.sick, nonce);
    return { exitCode: 0, stdout, stderr: '' };
  }

  #state(): { text: string; isFull: boolean } {
    if (this.need === undefined) return { text: this.#texts.sick, isFull: false };
    if (!this.#hasLoad) return { text: this.#texts.rolledBack, isFull: false };
    if (this.isRaisedEnough) return { text: this.#texts.raised, isFull: false };
    if (this.values.max > this.original.max) return { text: this.#texts.raisedTooLittle, isFull: true };
    return { text: this.#texts.sick, isFull: false };
  }
}

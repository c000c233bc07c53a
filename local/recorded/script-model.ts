import type { DocumentName, NodeRun } from '../ssm/local-node.ts';
import { PERSISTENCE_FILE, type ScratchValues } from './scratch-values.ts';

/** One change on the stack that the persistence file's header records: what was before it, and the limit that it set. */
interface Change {
  readonly incident: string;
  readonly max: number;
  readonly buckets: number;
  /** 0 where the change left the limit alone. */
  readonly target: number;
}

/** What a raise wants the node to be. */
interface Target {
  readonly max: number;
  readonly buckets: number;
}

/** How a script ends: `refused` with exit code 3, everything else with 0. */
interface Ending {
  readonly outcome: 'raised' | 'rolled-back' | 'unchanged' | 'refused';
  /** The reason of a refusal, or empty. */
  readonly code: string;
  readonly detail: string;
  /** What became of the persistence file. */
  readonly file?: 'written' | 'removed';
}

type Parameters = Readonly<Record<string, string>>;

const NODE_FILE = `/${PERSISTENCE_FILE}`;
/** nodes/raise.sh, `limit_ceiling`. */
const LIMIT_CEILING = 4_194_304;

/**
 * Stands in for nodes/raise.sh and nodes/rollback.sh where the system lets no scratch namespace be made: what they refuse
 * and with which words, what they set, and the file that makes a raise last, on the same scratch root. A test runs both
 * side by side. It knows no memory bound, no change that was cut off and no settings store: a replayed node has none.
 */
export class ScriptModel {
  readonly #values: ScratchValues;
  /** Newest first, as in the header of the file. */
  #changes: readonly Change[] = [];
  readonly #rolledBack = new Set<string>();

  constructor(values: ScratchValues) {
    this.#values = values;
  }

  /** Carries out one command; the output is the script's section, and nothing on a document that has no model. */
  run(document: DocumentName, parameters: Parameters): NodeRun {
    const { max, buckets } = this.#values;
    const ending =
      document === 'medic-raise'
        ? this.#raise(parameters)
        : document === 'medic-rollback'
          ? this.#rollBack(parameters['incident'] ?? '')
          : undefined;
    if (ending === undefined)
      return { exitCode: 1, stdout: '', stderr: `${document} cannot run on a replayed node.` };
    return {
      exitCode: ending.outcome === 'refused' ? 3 : 0,
      stdout: this.#section(parameters['nonce'] ?? '', ending, { max, buckets }),
      stderr: '',
    };
  }

  #raise(parameters: Parameters): Ending {
    const { incident = '', mode } = parameters;
    const target = { max: Number(parameters['toMax']), buckets: Number(parameters['toBuckets']) };
    const { max, buckets } = this.#values;
    if (this.#rolledBack.has(incident))
      return refused(
        'rolled-back',
        'The change of this incident was rolled back on this node and is not made again; nothing was changed. A new incident can change it.',
      );
    if (target.max > LIMIT_CEILING || target.buckets > LIMIT_CEILING)
      return refused(
        'above-ceiling',
        `Targets above ${LIMIT_CEILING} are not set by a click; nothing was changed.`,
      );
    const [newest] = this.#changes;
    const isDone =
      newest?.incident === incident &&
      newest.target === target.max &&
      max === target.max &&
      buckets >= target.buckets;
    if (isDone) return this.#unchanged();
    return mode === 'ensure'
      ? this.#ensure(incident, target)
      : (this.#refusalOf(parameters, target) ?? this.#set(incident, target));
  }

  /** Why a raise from exactly the planned values is not made. */
  #refusalOf({ fromMax, fromBuckets }: Parameters, target: Target): Ending | undefined {
    const { max, buckets } = this.#values;
    if (max !== Number(fromMax) || buckets !== Number(fromBuckets))
      return refused(
        'value-moved',
        `The plan starts from max ${fromMax} and buckets ${fromBuckets}, the node runs with ${max} and ${buckets}; nothing was changed. Collect again.`,
      );
    if (target.max <= max)
      return refused(
        'not-a-raise',
        `The target ${target.max} is not above the running limit ${max}; nothing was changed.`,
      );
    if (target.max > 4 * max)
      return refused(
        'above-ceiling',
        `The target ${target.max} is more than four times the running limit ${max}; nothing was changed.`,
      );
    return undefined;
  }

  #ensure(incident: string, target: Target): Ending {
    const { max, keptMax } = this.#values;
    const [newest] = this.#changes;
    const isKeptByOther = keptMax !== undefined && keptMax >= target.max && newest?.incident !== incident;
    const wanted = isKeptByOther ? { ...target, max: keptMax } : target;
    if (max < wanted.max) return this.#tooFar(wanted) ?? this.#set(incident, wanted, !isKeptByOther);
    if (isKeptByOther)
      return unchanged(
        `The limit is ${max}, at least the ${target.max} asked for, and a change of ${newest?.incident} makes ${keptMax} last.`,
      );
    if (keptMax === max && newest?.incident === incident) return this.#unchanged();
    this.#keep(this.#before(incident));
    return {
      ...unchanged(`The limit is ${max} already; the files that make it last were written.`),
      file: 'written',
    };
  }

  /** Why an association's target is not set: it is held to four times what was before the first change. */
  #tooFar(target: Target): Ending | undefined {
    const { max, buckets } = this.#changes.at(-1) ?? this.#values;
    if (target.max > 4 * max)
      return refused(
        'above-ceiling',
        `The limit before our first change on this node was ${max}, and ${target.max} is more than four times that; nothing was changed. Raise this node by a plan of its own.`,
      );
    if (this.#values.buckets < target.buckets && target.buckets > 4 * buckets)
      return refused(
        'above-ceiling',
        `The buckets before our first change on this node were ${buckets}, and ${target.buckets} are more than four times that; nothing was changed. Raise this node by a plan of its own.`,
      );
    return undefined;
  }

  #unchanged(): Ending {
    return unchanged(
      `The limit is ${this.#values.max} already and the files that make it last are in place.`,
    );
  }

  #set(incident: string, target: Target, isKept = true): Ending {
    const before = this.#before(incident);
    const { max, buckets } = this.#values;
    const wantedBuckets = Math.max(buckets, target.buckets);
    this.#values.set({ max: target.max, buckets: wantedBuckets });
    if (isKept) this.#keep({ ...before, target: target.max });
    const detail = `The limit went from ${max} to ${target.max} and buckets from ${buckets} to ${wantedBuckets}.`;
    return { outcome: 'raised', code: '', detail, ...(isKept ? { file: 'written' } : {}) };
  }

  /** What the node was before this incident touched it: one rollback undoes all changes of one incident. */
  #before(incident: string): Change {
    const [newest] = this.#changes;
    if (newest?.incident === incident) return newest;
    const { max, buckets } = this.#values;
    return { incident, max, buckets, target: 0 };
  }

  #keep(change: Change): void {
    this.#changes = [change, ...this.#changes.filter(({ incident }) => incident !== change.incident)];
    this.#writeFile();
  }

  #rollBack(incident: string): Ending {
    const [newest] = this.#changes;
    if (newest === undefined || newest.incident !== incident) return this.#nothingOf(incident, newest);
    const { max, buckets, count } = this.#values;
    const isLowered = max === newest.target && newest.max < max;
    if (isLowered && count * 10 > newest.max * 8)
      return refused(
        'count-too-high',
        `${count} entries are in use and the limit before the raise was ${newest.max}: above 80 % of it (${Math.floor((newest.max * 8) / 10)}) new flows would be refused. Files and limit were left; try again when the load is down.`,
      );
    if (isLowered) this.#values.set({ max: newest.max });
    this.#changes = this.#changes.slice(1);
    this.#writeFile();
    this.#rolledBack.add(incident);
    const stay =
      buckets > newest.buckets
        ? ` Buckets stay at ${buckets} (before: ${newest.buckets}): shrinking them would stall traffic once more.`
        : '';
    const detail = isLowered
      ? `The limit went back from ${max} to ${newest.max} and the files are as they were.`
      : newest.target === 0 || max === newest.max
        ? `The files are as they were; the limit is ${max} and was left.`
        : `The files are as they were; the limit is ${max}, which somebody else has set since, and was left.`;
    const file = this.#changes.length === 0 ? 'removed' : 'written';
    return { outcome: 'rolled-back', code: '', detail: `${detail}${stay}`, file };
  }

  #nothingOf(incident: string, newest: Change | undefined): Ending {
    if (this.#changes.some((change) => change.incident === incident))
      return refused(
        'not-our-incident',
        `The change of ${newest?.incident} came after this one and has to be rolled back first; nothing was changed.`,
      );
    if (this.#rolledBack.has(incident))
      return unchanged('This incident was rolled back before; nothing was left to do.');
    if (newest !== undefined)
      return refused(
        'not-our-incident',
        `The change on this node belongs to ${newest.incident}, not to this incident; nothing was changed.`,
      );
    return refused(
      'nothing-to-roll-back',
      'No change of this incident is recorded on this node; nothing was changed.',
    );
  }

  #writeFile(): void {
    const { max, buckets } = this.#values;
    const header = this.#changes.map(
      (change) =>
        `# medic-incident ${change.incident} max=${change.max} buckets=${change.buckets} target=${change.target}\n# medic-end\n`,
    );
    this.#values.keep(
      header.length === 0
        ? undefined
        : `${header.join('')}net.netfilter.nf_conntrack_buckets = ${buckets}\nnet.netfilter.nf_conntrack_max = ${max}\n`,
    );
  }

  #section(nonce: string, { outcome, code, detail, file }: Ending, before: Target): string {
    const { max, buckets, count } = this.#values;
    const uptime = performance.now() / 1000;
    const header = (source: string) => `=== medic/1 ${nonce} ${source} - ok ${uptime.toFixed(2)}`;
    return [
      header('result'),
      `outcome=${outcome}`,
      `code=${code}`,
      `detail=${detail}`,
      `max.before=${before.max}`,
      `max.after=${max}`,
      `buckets.before=${before.buckets}`,
      `buckets.after=${buckets}`,
      `count=${count}`,
      ...(file === undefined ? [] : [`file=${NODE_FILE} ${file}`]),
      header('end'),
      '',
    ].join('\n');
  }
}

function refused(code: string, detail: string): Ending {
  return { outcome: 'refused', code, detail };
}

function unchanged(detail: string): Ending {
  return { outcome: 'unchanged', code: '', detail };
}

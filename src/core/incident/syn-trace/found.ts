import { messageOf } from '../../errors.ts';
import type { CommandOutput } from '../../ports.ts';
import type { Diagnosis } from '../../record/diagnosis.ts';
import { FLOW_ROWS_MOST, type NodeTrace, type NodeTraced } from '../../record/traced/found.ts';
import { sha256 } from '../../sha256.ts';
import { fullTableDrops } from '../../trace/causes.ts';
import { connectTimesOf } from '../../trace/connect-times.ts';
import { type Flow, flowsOf, flowTable } from '../../trace/flows.ts';
import { isPartial } from '../../trace/limits.ts';
import { namesOf } from '../../trace/names.ts';
import { capturedIn, readTrace, type Trace } from '../../trace/output.ts';
import { pathOf } from '../../trace/path.ts';
import { capturedPcapng, rebuiltPcapng } from '../../trace/pcapng.ts';
import { consequencesOf, sentencesOf, summaryOf } from '../../trace/summary.ts';
import { bearingOn } from './bearing.ts';
import { WHY_CHARS } from './order.ts';
import type { TracePorts } from './ports.ts';

/** Of the lists that a head has room for. */
const MOST = { lost: 8, pods: 5, sentences: 12, consequences: 4, times: 24 } as const;
const CHARS = { sentence: 800, why: 300 } as const;

/** One node's trace as it is to be read. */
export interface TraceToRead {
  readonly incidentId: string;
  /** Of the trace within the incident. */
  readonly number: number;
  /** Marks what the command wrote. */
  readonly nonce: string;
  /** What the node's verdict was when it was traced; absent where it has none. */
  readonly diagnosis: Diagnosis | undefined;
  /** What stands for an address. */
  readonly pseudonymOf: (address: string) => string;
}

/**
 * What one node's trace found, with its files kept: the output word for word, the table of flows without an address, and the
 * headers. A file that can not be kept is missing, and nothing else is.
 */
export async function nodeTraceOf(
  ports: Pick<TracePorts, 'evidence' | 'log' | 'catalogue' | 'unpack'>,
  output: CommandOutput,
  about: TraceToRead,
): Promise<NodeTrace> {
  const { instanceId } = output;
  if (output.kind === 'none') return { instanceId, outcome: failed(output.why) };
  const { text } = output;
  const name = `${about.incidentId}/trace-${about.number}-${instanceId}`;
  const kept = await keep(ports, `${name}.txt`, text);
  const raw = kept === undefined ? {} : { output: kept };
  const trace = readTrace(text, about.nonce);
  if (trace === undefined) return { instanceId, ...raw, outcome: failed(whyUnread(instanceId, text)) };
  if (trace.kind === 'refused') {
    const why = trace.detail === '' ? `the script refused (${trace.code}).` : trace.detail;
    return { instanceId, ...raw, outcome: failed(`${instanceId}: ${why}`) };
  }
  const flows = flowsOf(trace, about.pseudonymOf);
  const table =
    trace.fates === undefined
      ? undefined
      : await keep(
          ports,
          `${name}-flows.tsv`,
          flowTable(flows, `${instanceId}, trace ${about.number}`, trace.pods),
        );
  const packets = await keepPackets(ports, name, trace, capturedIn(text, about.nonce));
  const found = foundBy(trace, flows, ports.catalogue);
  const bearing =
    about.diagnosis === undefined ? undefined : bearingOn(about.diagnosis, found, isPartial(trace));
  return {
    instanceId,
    ...raw,
    outcome: {
      ...found,
      ...(bearing === undefined ? {} : { bearing: { ...bearing, why: bearing.why.slice(0, CHARS.why) } }),
      ...(table === undefined ? {} : { flowTable: table }),
      ...(packets === undefined ? {} : { packets }),
    },
  };
}

const failed = (why: string) => ({ kind: 'failed' as const, why: why.slice(0, WHY_CHARS) });

const whyUnread = (instanceId: string, text: string): string =>
  text.trim() === ''
    ? `${instanceId}: the trace printed nothing; look at the node, then trace again.`
    : `${instanceId}: what came back is not the whole output of this trace: it was cut, or something else wrote it. Nothing is known from it; trace again.`;

/** What of it a head has room for. */
function foundBy(trace: Trace, flows: readonly Flow[], catalogue: TracePorts['catalogue']): NodeTraced {
  const { fates, rung, seconds, thin } = trace;
  const pods = trace.pods.flatMap(({ number, name }) => (name === undefined ? [] : [{ number, name }]));
  const summary = summaryOf(fates ?? [], trace);
  const { connections, delayed, troubled, refused, lost } = summary;
  const tableDrops = fullTableDrops(trace);
  const looked =
    fates === undefined
      ? {}
      : {
          counts: { connections, delayed, troubled, refused },
          path: pathInRecord(trace),
          flows: flows.slice(0, FLOW_ROWS_MOST).map(rowOf),
        };
  return {
    kind: 'traced',
    rung,
    seconds,
    thin,
    ...looked,
    ...(pods.length === 0 ? {} : { pods: pods.slice(0, MOST.pods) }),
    lost: lost.slice(0, MOST.lost).map(({ edge, packet, last, missing, count }) => ({
      edge,
      packet,
      last,
      ...(missing === undefined ? {} : { missing }),
      count,
    })),
    ...(tableDrops === undefined ? {} : { tableDrops }),
    sentences: sentencesOf(trace, namesOf(trace))
      .slice(0, MOST.sentences)
      .map((sentence) => sentence.slice(0, CHARS.sentence)),
    consequences: consequencesOf(summary, catalogue)
      .slice(0, MOST.consequences)
      .map(({ mode, speaks, why }) => ({ mode, speaks, why: why.slice(0, CHARS.why) })),
    connectTimes: connectTimesOf(fates ?? [])
      .slice(0, MOST.times)
      .map((one) => ({ ...one })),
  };
}

function pathInRecord({ fates }: Trace): NonNullable<NodeTraced['path']> {
  const { seen, answered } = pathOf(fates ?? []);
  return { ...seen, answered };
}

const rowOf = ({
  begin,
  from,
  to,
  port,
  pod,
  attempts,
  gap,
  answeredAfter,
  packet,
  last,
  missing,
}: Flow) => ({
  begin,
  from,
  to,
  port,
  ...(pod === undefined ? {} : { pod }),
  attempts,
  ...(gap === undefined ? {} : { gap }),
  ...(answeredAfter === undefined ? {} : { answeredAfter }),
  ...(packet === undefined ? {} : { packet }),
  ...(last === undefined ? {} : { last }),
  ...(missing === undefined ? {} : { missing }),
});

/**
 * The headers as they were captured, where those of every point came with the output: of a long one only the first part comes back.
 * Otherwise those that it tells, built again.
 */
async function keepPackets(
  ports: Pick<TracePorts, 'evidence' | 'log' | 'unpack'>,
  name: string,
  { packets, points }: Trace,
  sections: ReadonlyMap<number, string>,
): Promise<NodeTraced['packets']> {
  const files = new Map(
    [...sections].flatMap(([point, base64]) => {
      const bytes = ports.unpack(base64);
      return bytes === undefined ? [] : [[point, bytes] as const];
    }),
  );
  const isWhole = packets.every(({ point }) => files.has(point));
  const captured = isWhole ? capturedPcapng(files, points) : undefined;
  const bytes = captured ?? rebuiltPcapng(packets, points);
  if (bytes === undefined) return undefined;
  const are = captured === undefined ? 'rebuilt' : 'captured';
  const kept = await keep(ports, `${name}-${are}.pcapng`, bytes);
  return kept === undefined ? undefined : { ...kept, are };
}

async function keep(
  { evidence, log }: Pick<TracePorts, 'evidence' | 'log'>,
  key: string,
  content: string | Uint8Array,
): Promise<{ readonly address: string; readonly hash: string } | undefined> {
  try {
    return { address: await evidence.put(key, content), hash: sha256(content) };
  } catch (error) {
    log('evidence-not-kept', { key, error: messageOf(error) });
    return undefined;
  }
}

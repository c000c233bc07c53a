import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { PLACES } from '../../src/core/trace/fate.ts';
import { fatesOf } from '../../src/core/trace/match.ts';
import type { Names } from '../../src/core/trace/names.ts';
import { isTraceOutput, readTrace, type Trace } from '../../src/core/trace/output.ts';
import type { Packet } from '../../src/core/trace/packet.ts';
import { isPcap, PCAP_MOST_BYTES, readPcap } from '../../src/core/trace/pcap.ts';
import { counted } from '../../src/core/words.ts';
import { InputError } from '../errors.ts';
import { filesReport, traceJson, traceReport } from './report.ts';

/** Most bytes of a trace's output that are read: what stands behind its end is not looked at. */
const OUTPUT_MOST_BYTES = 64 * 1024;

/** What packets say, for people and for programs. */
export interface PacketReport {
  readonly text: string;
  readonly json: unknown;
}

/**
 * What the given files say, where they are outputs of a trace or files of captured packets.
 *
 * @returns `undefined` where none of them is
 * @throws InputError where they are mixed with others, or cannot be read
 */
export function packetReport(paths: readonly string[]): PacketReport | undefined {
  const kinds = paths.map(kindOf);
  if (kinds.every((kind) => kind === undefined)) return undefined;
  if (kinds.every((kind) => kind === 'pcap')) return pcapReport(paths);
  if (kinds.every((kind) => kind === 'trace')) return outputsReport(paths);
  throw new InputError(
    'Files of captured packets and outputs of a trace are read by themselves; give them without other inputs.',
  );
}

function kindOf(path: string): 'pcap' | 'trace' | undefined {
  const head = beginningOf(path);
  if (head === undefined) return undefined;
  if (isPcap(head)) return 'pcap';
  return isTraceOutput(head.toString('latin1')) ? 'trace' : undefined;
}

/** The beginning of a file; nothing of what is none or can not be read, which the reader of all other inputs tells. */
function beginningOf(path: string): Buffer | undefined {
  try {
    return path !== '-' && statSync(path).isFile() ? headOf(path, 4096) : undefined;
  } catch {
    return undefined;
  }
}

function headOf(path: string, most: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(most);
    return bytes.subarray(0, readSync(file, bytes, 0, most, 0));
  } finally {
    closeSync(file);
  }
}

function outputsReport(paths: readonly string[]): PacketReport {
  const traces = paths.map((path): [string, Trace] => [
    path,
    tracedIn(headOf(path, OUTPUT_MOST_BYTES).toString('latin1'), path),
  ]);
  const json = traces.map(([, trace]) => traceJson(trace));
  return {
    text: traces.map(([path, trace]) => traceReport(trace, `Trace in ${path}`)).join('\n\n'),
    json: json.length === 1 ? json[0] : json,
  };
}

/**
 * What a trace found.
 *
 * @throws InputError where it is not whole, or the node refused
 */
export function tracedIn(text: string, title: string, nonce?: string): Trace {
  const trace = readTrace(text, nonce);
  if (trace === undefined)
    throw new InputError(`${title}: this is not the whole output of a trace; trace again.`);
  if (trace.kind === 'refused') throw new InputError(`${title}: ${trace.detail}`);
  return trace;
}

/** Several files are several points of the same connections, the first nearest to the client. */
function pcapReport(paths: readonly string[]): PacketReport {
  if (paths.length > PLACES.length)
    throw new InputError(
      `${counted(paths.length, 'file')} are more than three points; give up to three, the one nearest to the client first.`,
    );
  const packets: Packet[] = [];
  const notes: string[] = [];
  paths.forEach((path, point) => {
    if (statSync(path).size > PCAP_MOST_BYTES)
      throw new InputError(
        `${path} has more than 64 MiB; give the part that matters: tcpdump -r FILE -w PART tcp.`,
      );
    const file = readPcap(readFileSync(path), point);
    if (typeof file === 'string') throw new InputError(`${path} cannot be read: ${file}.`);
    packets.push(...file.packets);
    const cut = file.isCut ? '; it ends within a record' : '';
    notes.push(
      `- ${path}: ${counted(file.records, 'packet')}, ${file.packets.length} of new connections${cut}`,
    );
  });
  // Two files are the outermost and the innermost point.
  const order = paths.length === 2 ? (['uplink', 'pod'] as const) : PLACES;
  const places = new Map(
    paths.map((_, point) => [point, { place: order[point] ?? 'pod', pod: point === 0 ? 0 : 1 }] as const),
  );
  const title = (index: number) => basename(paths[index] ?? paths.at(-1) ?? '');
  const names: Names = { uplink: title(0), veth: title(1), pod: title(paths.length - 1) };
  const fates = fatesOf(packets, { places });
  return { text: filesReport(fates, names, notes), json: { schema: 'medic.trace/1', fates } };
}

import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { Cost, Waited } from './cost.ts';

const PAGE = 'docs/trace.md';
const HEADING = '| fault | connections, client / trace | delayed, client / trace | what the trace says |';

/** Whether what is seen goes into the page. */
export const isWritten = process.env['MEDIC_TRACE_SEEN'] === '1';

/** The table of faults in docs/trace.md, and what a trace costs. */
export class FaultTable {
  /** By fault, of the last try of each. */
  readonly #rows = new Map<string, string>();

  /** Notes a fault with what the client and what the trace counted. */
  note(fault: string, ...cells: readonly string[]): void {
    this.#rows.set(fault, `| ${[fault, ...cells.map((cell) => cell.replaceAll('|', '/'))].join(' | ')} |`);
  }

  /** Writes its rows into the table where it is asked for, by `MEDIC_TRACE_SEEN=1`; those of other files stay. */
  write(): void {
    if (!isWritten) return;
    const page = readFileSync(PAGE, 'utf8').replace(
      /(<!-- lab -->\n)([^]*?)(<!-- \/lab -->)/,
      (_all, from: string, before: string, to: string) => {
        const rows = before.split('\n').filter((line) => line.startsWith('| '));
        const faults = new Map(rows.slice(1).map((row) => [row.split(' | ')[0]?.slice(2) ?? '', row]));
        const table = [HEADING, '|---|---|---|---|', ...new Map([...faults, ...this.#rows]).values()];
        return `${from}\n${table.join('\n')}\n\n${to}`;
      },
    );
    writeFileSync(PAGE, page);
  }

  /** Prints what a trace costs those who connect, and writes it where that is asked for. */
  tell({ blocks, without, traced, sockets }: Cost, connections: number): void {
    const told = [
      `${connections} connections in one run, ${blocks} blocks with a trace in turn with ${blocks} of about the same length without:`,
      `99 in 100 opened within ${traced.took.toFixed(2)} ms with it and ${without.toFixed(2)} ms without (medians over the blocks),`,
      `${timesAsLong(traced)}.`,
      ...(sockets === undefined
        ? []
        : [
            `In ${blocks} more blocks only packet sockets looked at the same three points, and none was handed a packet: ${sockets.took.toFixed(2)} ms,`,
            `${timesAsLong(sockets)}. No capture costs less.`,
          ]),
      `The machine has ${availableParallelism()} CPUs and had a load average of ${loadavg()[1]?.toFixed(1)} over five minutes, the test's own included.`,
    ].join('\n');
    console.log(told);
    if (!isWritten) return;
    const page = readFileSync(PAGE, 'utf8');
    writeFileSync(
      PAGE,
      page.replace(
        /(<!-- cost -->\n)[^]*?(<!-- \/cost -->)/,
        (_all, from: string, to: string) => `${from}\n${told}\n\n${to}`,
      ),
    );
  }
}

const timesAsLong = ({ ratio, interval: [least, most] }: Waited): string =>
  `${ratio.toFixed(2)} times as long in the median pair of neighbours, with 95 in 100 between ${least.toFixed(2)} and ${most.toFixed(2)}`;

import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = 'docs/trace.md';

/** The table of faults in docs/trace.md. */
export class FaultTable {
  /** By fault, of the last try of each. */
  readonly #rows = new Map<string, string>();

  /** Notes a fault with what the client and what the trace counted. */
  note(fault: string, ...cells: readonly string[]): void {
    this.#rows.set(fault, `| ${[fault, ...cells.map((cell) => cell.replaceAll('|', '/'))].join(' | ')} |`);
  }

  /** Writes the table where it is asked for, by `MEDIC_TRACE_SEEN=1`. */
  write(): void {
    if (process.env['MEDIC_TRACE_SEEN'] !== '1') return;
    const table = [
      '| fault | connections, client / trace | delayed, client / trace | what the trace says |',
      '|---|---|---|---|',
      ...this.#rows.values(),
    ];
    const page = readFileSync(PAGE, 'utf8').replace(
      /(<!-- lab -->\n)[^]*?(<!-- \/lab -->)/,
      (_all, from: string, to: string) => `${from}\n${table.join('\n')}\n\n${to}`,
    );
    writeFileSync(PAGE, page);
  }
}

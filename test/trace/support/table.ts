import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = 'docs/trace.md';
const HEADING = '| fault | connections, client / trace | delayed, client / trace | what the trace says |';

/** The table of faults in docs/trace.md. */
export class FaultTable {
  /** By fault, of the last try of each. */
  readonly #rows = new Map<string, string>();

  /** Notes a fault with what the client and what the trace counted. */
  note(fault: string, ...cells: readonly string[]): void {
    this.#rows.set(fault, `| ${[fault, ...cells.map((cell) => cell.replaceAll('|', '/'))].join(' | ')} |`);
  }

  /** Writes its rows into the table where it is asked for, by `MEDIC_TRACE_SEEN=1`; those of other files stay. */
  write(): void {
    if (process.env['MEDIC_TRACE_SEEN'] !== '1') return;
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
}

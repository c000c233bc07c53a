import { styleText } from 'node:util';
import { printable } from '../../src/core/printable.mjs';

/**
 * Writes the progress of a demo as plain appended lines, in which nothing of a node or a tool acts on the terminal; colours only
 * where the terminal shows them.
 */
export class Terminal {
  private readonly write: (line: string) => void;
  private startedAt = Date.now();

  constructor(write: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {
    this.write = write;
  }

  /** From here on, times count from now. */
  restartClock(): void {
    this.startedAt = Date.now();
  }

  /** A plain line. */
  say(line: string): void {
    this.write(printable(line));
  }

  title(line: string): void {
    this.write(styleText('bold', printable(line)));
  }

  /** A line with the time since the clock was started. */
  at(line: string, at: number = Date.now()): void {
    this.write(`${styleText('dim', seconds(at - this.startedAt).padStart(8))}  ${printable(line)}`);
  }

  /** Does a piece of work and says how long it took. */
  async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const start = Date.now();
    const result = await work();
    this.write(
      `${styleText('green', '✔')} ${printable(what)} ${styleText('dim', seconds(Date.now() - start))}`,
    );
    return result;
  }

  /** What was seen, under a title. */
  evidence(title: string, lines: readonly string[]): void {
    this.say('');
    this.title(title);
    for (const line of lines) this.say(`  ${line}`);
  }

  problem(line: string): void {
    this.write(styleText('red', `✗ ${printable(line)}`));
  }
}

/** `3.2 s` */
function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

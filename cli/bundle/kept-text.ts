import { isTelling } from '../../src/core/bundle/log-lines.ts';
import type { BundleLimits } from './limits.ts';

/** Longest line that is put together from several chunks, in bytes; the rest of a longer one is passed over. */
const LINE_MAX_BYTES = 8_192;

const LINE_FEED = 10;

/**
 * Takes a file's bytes as they come and keeps what matters within bounds: its beginning, and of what comes after it the
 * telling lines, the newest. A log has no beginning that matters.
 */
export class KeptText {
  readonly #head: Buffer[] = [];
  readonly #lines: string[] = [];
  readonly #headBytes: number;
  readonly #mostLines: number;
  readonly #headLines: number;
  #rest = Buffer.alloc(0);
  #isSkipping = false;
  #size = 0;
  #isBinary = false;
  #droppedLines = 0;

  constructor(limits: Pick<BundleLimits, 'textBytes' | 'textLines' | 'logLines'>) {
    this.#headBytes = limits.textBytes;
    this.#headLines = limits.textLines;
    this.#mostLines = limits.logLines;
  }

  write(chunk: Buffer): void {
    if (this.#isBinary) return;
    if (this.#size === 0 && isUtf16(chunk)) this.#isBinary = this.#headBytes === 0;
    else if (chunk.includes(0) && !this.#isUtf16()) {
      this.#isBinary = true;
      return;
    }
    const room = this.#headBytes - Math.min(this.#size, this.#headBytes);
    this.#size += chunk.length;
    if (room > 0) this.#head.push(Buffer.from(chunk.subarray(0, room)));
    if (chunk.length > room) this.#readLines(chunk.subarray(room));
  }

  #isUtf16(): boolean {
    return this.#head[0] !== undefined && isUtf16(this.#head[0]);
  }

  #readLines(chunk: Buffer): void {
    let from = 0;
    for (let feed = chunk.indexOf(LINE_FEED); feed !== -1; feed = chunk.indexOf(LINE_FEED, from)) {
      const part = chunk.subarray(from, feed);
      if (!this.#isSkipping) this.#take(this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]));
      this.#rest = Buffer.alloc(0);
      this.#isSkipping = false;
      from = feed + 1;
    }
    if (this.#isSkipping) return;
    const rest = chunk.subarray(from);
    if (this.#rest.length + rest.length > LINE_MAX_BYTES) {
      this.#take(Buffer.concat([this.#rest, rest.subarray(0, LINE_MAX_BYTES)]));
      this.#rest = Buffer.alloc(0);
      this.#isSkipping = true;
    } else this.#rest = Buffer.concat([this.#rest, rest]);
  }

  #take(bytes: Buffer): void {
    const line = bytes.toString('utf8', 0, LINE_MAX_BYTES);
    if (!isTelling(line)) return;
    this.#lines.push(line);
    if (this.#lines.length < this.#mostLines * 2) return;
    this.#droppedLines += this.#mostLines;
    this.#lines.splice(0, this.#mostLines);
  }

  /** What is kept; `undefined` for a file that is no text or holds nothing. */
  end(): { readonly text: string; readonly isCut: boolean } | undefined {
    if (this.#rest.length > 0) this.#take(this.#rest);
    this.#rest = Buffer.alloc(0);
    if (this.#isBinary) return undefined;
    const head = Buffer.concat(this.#head);
    const lines = this.#lines.slice(-this.#mostLines);
    const isHeadCut = this.#headBytes > 0 && this.#size > this.#headBytes;
    // The line that the cut went through is no line of the tool.
    const beginning = decoded(isHeadCut ? head.subarray(0, head.lastIndexOf(LINE_FEED) + 1) : head);
    const end = lineEnd(beginning, this.#headLines);
    const text = [beginning.slice(0, end), ...lines].filter((part) => part !== '').join('\n');
    const isCut =
      isHeadCut || end !== undefined || this.#droppedLines > 0 || this.#lines.length > lines.length;
    return text.trim() === '' ? undefined : { text, isCut };
  }
}

function isUtf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function decoded(bytes: Buffer): string {
  if (!isUtf16(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
}

/** Where the last of so many lines ends; `undefined` where there are no more. */
function lineEnd(text: string, lines: number): number | undefined {
  let at = -1;
  for (let line = 0; line < lines; line += 1) {
    at = text.indexOf('\n', at + 1);
    if (at === -1) return undefined;
  }
  return at + 1 < text.length ? at : undefined;
}

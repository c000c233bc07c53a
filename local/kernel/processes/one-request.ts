import { connect } from 'node:net';

/** How one new connection went: milliseconds until it was open and until it was answered, or undefined if it was not. */
export interface RequestResult {
  readonly connectMs?: number;
  readonly answerMs?: number;
}

/** Where a request goes, and how long it may take and keeps its connection. */
export interface RequestOptions {
  readonly host: string;
  readonly port: number;
  /** The client's address to come from; left out, the kernel chooses. */
  readonly localAddress?: string;
  readonly timeoutMs: number;
  /** Time for which the connection stays open after the answer. */
  readonly holdMs?: number;
}

/** Opens a new connection, asks once, waits for the answer, closes. Never rejects. */
export function oneRequest({ timeoutMs, holdMs = 0, ...target }: RequestOptions): Promise<RequestResult> {
  return new Promise((resolve) => {
    const start = performance.now();
    let connectMs: number | undefined;
    let answerMs: number | undefined;
    const socket = connect(target);
    let timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.on('connect', () => {
      connectMs = performance.now() - start;
      socket.write('GET / HTTP/1.1\r\nHost: pod\r\n\r\n');
    });
    socket.on('data', () => {
      answerMs = performance.now() - start;
      clearTimeout(timer);
      timer = setTimeout(() => socket.end(), holdMs);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({
        ...(connectMs === undefined ? {} : { connectMs }),
        ...(answerMs === undefined ? {} : { answerMs }),
      });
    });
  });
}

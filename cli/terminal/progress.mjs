// @ts-check
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** What the line starts over with: the beginning of the line, and nothing behind it. */
const CLEAR = '\r\u001b[2K';

const [IDLE, STOPPED, WRITING] = [0, 1, 2];
const STANDARD_ERROR = 2;

// Of its own thread, because the work itself may leave this one no moment: it would say nothing when there is most to wait for.
const LINE = `
const { writeSync } = require('node:fs');
const { workerData: { text, shared, since } } = require('node:worker_threads');
const [state, shown] = [new Int32Array(shared, 0, 1), new Int32Array(shared, 4, 1)];
const timer = setInterval(() => {
  if (Atomics.compareExchange(state, 0, ${IDLE}, ${WRITING}) !== ${IDLE}) return clearInterval(timer);
  try {
    writeSync(${STANDARD_ERROR}, ${JSON.stringify(CLEAR)} + text + ', ' + Math.floor((Date.now() - since) / 1000) + ' s');
    Atomics.store(shown, 0, 1);
  } catch {}
  Atomics.store(state, 0, ${IDLE});
}, 1000);
`;

/** @type {{ readonly worker: Worker, readonly shared: SharedArrayBuffer } | undefined} */
let line;

/** Says from the first second on what is being done, in one line of standard error that is gone again at {@link endProgress}.
 *
 * @param {string} text
 */
export function beginProgress(text) {
  if (!process.stderr.isTTY || line !== undefined) return;
  const shared = new SharedArrayBuffer(8);
  const worker = new Worker(LINE, { eval: true, workerData: { text, shared, since: Date.now() } });
  worker.on('error', () => {});
  worker.unref();
  line = { worker, shared };
}

/** Takes the line away, before anything else is printed; nothing where there is none. */
export function endProgress() {
  if (line === undefined) return;
  const { worker, shared } = line;
  line = undefined;
  const state = new Int32Array(shared, 0, 1);
  while (Atomics.compareExchange(state, 0, IDLE, STOPPED) === WRITING);
  void worker.terminate();
  if (Atomics.load(new Int32Array(shared, 4, 1), 0) === 0) return;
  try {
    writeSync(STANDARD_ERROR, CLEAR);
  } catch {
    // Nobody looks any more.
  }
}

import { LAB_ADDRESSES } from '../lab-rules.ts';
import { endWithParent } from './end-with-parent.ts';
import { oneRequest } from './one-request.ts';

// Runs in the client's network namespace: new connections at a fixed rate, whatever becomes of the earlier ones. Each is
// held open for a random time, so that their entries do not all end in the same second.
const [host = '', port, perSecond, holdSeconds, seconds] = process.argv.slice(2);
const TICK_MS = 10;
const REQUEST_TIMEOUT_MS = 2000;

/** Connections that may be open at the same time: a bound on memory when nothing is answered. */
const MAX_OPEN = 15_000;

endWithParent(Number(seconds));
const start = performance.now();
let started = 0;
let open = 0;

async function begin(): Promise<void> {
  const localAddress =
    LAB_ADDRESSES.clients[started % LAB_ADDRESSES.clients.length] ?? LAB_ADDRESSES.clients[0];
  const holdMs = Math.random() * Number(holdSeconds) * 1000;
  started += 1;
  open += 1;
  await oneRequest({ host, port: Number(port), localAddress, timeoutMs: REQUEST_TIMEOUT_MS, holdMs });
  open -= 1;
}

setInterval(() => {
  const due = ((performance.now() - start) / 1000) * Number(perSecond);
  while (started < due && open < MAX_OPEN) void begin();
}, TICK_MS);
process.stdout.write('ready\n');

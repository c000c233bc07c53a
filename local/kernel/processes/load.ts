import { endWithParent } from './end-with-parent.ts';
import { oneRequest } from './one-request.ts';

// Runs in the client's network namespace: new connections at a fixed rate, whatever becomes of the earlier ones.
const [host = '', port, perSecond, seconds] = process.argv.slice(2);
const TICK_MS = 10;
const REQUEST_TIMEOUT_MS = 2000;

/** Connections that may wait at the same time: a bound on memory when nothing is answered. */
const MAX_WAITING = 4000;

endWithParent(Number(seconds));
const start = performance.now();
let started = 0;
let waiting = 0;
setInterval(() => {
  const due = ((performance.now() - start) / 1000) * Number(perSecond);
  for (; started < due && waiting < MAX_WAITING; started += 1) {
    waiting += 1;
    void oneRequest(host, Number(port), REQUEST_TIMEOUT_MS).then(() => {
      waiting -= 1;
    });
  }
}, TICK_MS);
process.stdout.write('ready\n');

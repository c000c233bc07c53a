import { connect } from 'node:net';
import { endWithParent } from '../../kernel/processes/end-with-parent.ts';

// Runs in the client's network namespace: attempts that are never answered. Each is given up at once, its entry stays.
const [host = '', port, perSecond, seconds] = process.argv.slice(2);
const TICK_MS = 10;

endWithParent(Number(seconds));
const start = performance.now();
let started = 0;

setInterval(() => {
  const due = ((performance.now() - start) / 1000) * Number(perSecond);
  for (; started < due; started += 1) {
    const socket = connect({ host, port: Number(port) });
    socket.on('error', () => undefined);
    setTimeout(() => socket.destroy(), 20);
  }
}, TICK_MS);
process.stdout.write('ready\n');

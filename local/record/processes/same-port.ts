import { connect } from 'node:net';
import { endWithParent } from '../../kernel/processes/end-with-parent.ts';

// Runs in the client's network namespace, twice: each connects from its own address, both from the same source port and
// at the same instant. The kernel's monotonic clock, which all processes share, keeps the two in step.
const [localAddress = '', host = '', port, startNanoseconds = '0', perSecond, seconds] =
  process.argv.slice(2);
const FIRST_PORT = 2000;
const PORTS = 60_000;
const SPIN_NANOSECONDS = 1_000_000n;

endWithParent(Number(seconds));
const gap = BigInt(Math.round(1e9 / Number(perSecond)));
let slot = BigInt(startNanoseconds);
let attempt = 0;

function turn(): void {
  const now = process.hrtime.bigint();
  if (now < slot - SPIN_NANOSECONDS) return void setTimeout(turn, 1);
  // A slot that was missed is left out, so that the other process is not met out of step.
  while (slot < now) {
    slot += gap;
    attempt += 1;
  }
  if (slot - process.hrtime.bigint() > SPIN_NANOSECONDS) return void setImmediate(turn);
  while (process.hrtime.bigint() < slot);
  const socket = connect({
    host,
    port: Number(port),
    localAddress: localAddress,
    localPort: FIRST_PORT + (attempt % PORTS),
  });
  socket.on('error', () => undefined);
  socket.on('connect', () => socket.resetAndDestroy());
  setTimeout(() => socket.destroy(), 3000);
  setImmediate(turn);
}

setImmediate(turn);
process.stdout.write('ready\n');

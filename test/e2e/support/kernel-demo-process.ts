import { kernelNode } from '../../../local/kernel/kernel-node.ts';
import { startLab } from '../../../local/kernel/lab.ts';
import { openNodeRoot } from '../../../local/kernel/node-root.ts';

// A demo that has changed everything it ever changes and then waits, for tests that end it from outside.
const lab = await startLab({ max: 4096, buckets: 4096, timeWaitSeconds: 14 });
const root = await openNodeRoot();
lab.ownMountNamespace(root.mountNamespace);
await lab.startLoad(350, 8);
await kernelNode(root).run('medic-raise', {}, 'echo written > /etc/sysctl.d/99-zz-medic-test.conf');
process.stdout.write('sick\n');
process.stdin.resume();

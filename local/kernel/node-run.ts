import { execFile } from 'node:child_process';
import type { NodeRun } from '../ssm/local-node.ts';

/** What the SSM agent gives a script, and nothing of this process's own environment. */
const AGENT_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
};

/** Runs a script to its end, however it ends, as the agent does. Output is bounded at 1 MiB, time at 150 s. */
export function runOnNode([file = '', ...args]: readonly string[]): Promise<NodeRun> {
  return new Promise((resolve, reject) => {
    const options = { cwd: '/', env: AGENT_ENVIRONMENT, timeout: 150_000, maxBuffer: 1 << 20 };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ exitCode: 0, stdout, stderr });
      if (typeof error.code !== 'number' && error.killed !== true) return reject(error);
      resolve({ exitCode: typeof error.code === 'number' ? error.code : 137, stdout, stderr });
    });
    child.stdin?.end();
  });
}

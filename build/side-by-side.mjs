import { spawn } from 'node:child_process';

/**
 * Runs scripts of package.json beside each other and prints what each said when it has ended, so that nothing is mixed.
 * Fails when one of them does, after all have ended: whoever mends one complaint has read the others.
 *
 * @param {string} script
 */
function ended(script) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const said = [];
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(said));
      if (code !== 0) process.stdout.write(`npm run ${script} failed.\n`);
      resolve(code === 0);
    });
  });
}

const succeeded = await Promise.all(process.argv.slice(2).map(ended));
process.exitCode = succeeded.every(Boolean) ? 0 : 1;

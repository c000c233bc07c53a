import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { installPythonTools, pythonTool } from './python-tools.ts';

/** Variable that tells the tests where moto is; absent when there is none. */
export const MOTO_VARIABLE = 'MEDIC_TEST_MOTO';
const START_TIMEOUT_MS = 60_000;

/** Starts moto's server for all test files; without Python one line says so and the tests that need it are skipped. */
export async function setup(): Promise<void | (() => Promise<void>)> {
  const why = await installPythonTools();
  const binary = pythonTool('moto_server');
  if (why !== undefined || binary === undefined) {
    console.log(`Skipped: ${why ?? 'moto_server is not among the installed tools.'}`);
    return;
  }
  const server = spawn(binary, ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  process.env[MOTO_VARIABLE] = await addressOf(server);
  return async () => {
    server.kill();
    await ended;
  };
}

/** The server takes a free port and names it in its log. */
async function addressOf(server: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('moto did not start in time.')), START_TIMEOUT_MS);
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`moto ended with code ${code}.`)));
    if (server.stderr === null) throw new Error('moto has no standard error.');
    createInterface(server.stderr).on('line', (line) => {
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}

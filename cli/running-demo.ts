import { type DemoEndpoints, findEndpoints } from '../local/demo/endpoints.ts';
import { InputError } from './errors.ts';

/** Where the services of the demo that runs on this machine are. @throws InputError when none runs */
export async function runningDemo(): Promise<DemoEndpoints> {
  const demo = await findEndpoints();
  if (demo === undefined)
    throw new InputError('No demo runs on this machine; start one with npm run demo and leave it open.');
  return demo;
}

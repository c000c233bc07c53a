import { fileURLToPath } from 'node:url';
import { type DemoEndpoints, findDemos } from '../../local/demo/endpoints.ts';
import { InputError } from '../errors.ts';

/** Folder of this checkout, as a demo notes it. */
const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Where the services of the demo are that is meant: the one with this page, the only one that runs, or the only one of this
 * checkout.
 * @param page address of its page, where the call names one
 * @throws InputError when none runs, or several that may be meant; it lists them
 */
export async function runningDemo(page?: string): Promise<DemoEndpoints> {
  const demos = await runningDemos(page);
  const own = demos.filter(({ checkout }) => checkout === CHECKOUT);
  const [demo, another] = demos.length === 1 ? demos : own;
  if (demo !== undefined && another === undefined) return demo;
  throw new InputError(`${demos.length} demos run on this machine; name one with --demo: ${listed(demos)}.`);
}

/**
 * All demos that may be meant, the one that was started last in front.
 * @throws InputError when none runs, or none with this page; OtherVersionError when those that run are of other versions
 */
export async function runningDemos(page?: string): Promise<readonly DemoEndpoints[]> {
  const { demos, others } = await findDemos();
  const meant = page === undefined ? demos : demos.filter((one) => samePage(one.slackPage, page));
  if (meant.length > 0) return meant;
  if (demos.length > 0) throw new InputError(`No demo has the page ${page}; give one of ${listed(demos)}.`);
  const [other] = others;
  if (other !== undefined) throw other;
  throw new InputError('No demo runs on this machine; start one with npm run demo and leave it open.');
}

const samePage = (one: string, other: string): boolean =>
  one.replace(/\/$/, '') === other.replace('//localhost:', '//127.0.0.1:').replace(/\/$/, '');

/** Page and checkout of each, for a sentence. */
export const listed = (demos: readonly DemoEndpoints[]): string =>
  demos
    .map(({ slackPage, checkout }) => `${slackPage} (${checkout === CHECKOUT ? 'this checkout' : checkout})`)
    .join(', ');

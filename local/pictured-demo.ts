import type { Browser } from 'playwright-core';
import { chromiumPath, openBrowser } from './browser.ts';
import { buildForDemo } from './demo/build.ts';
import { type LocalService, startService } from './demo/service.ts';
import type { Terminal } from './demo/terminal.ts';
import { openWorkDir } from './demo/work-dir.ts';
import type { DemoNodes, DemoNodesOptions } from './demo-nodes.ts';

/**
 * Runs the service on this machine for pictures of it, with a browser, and ends the process: with 1 where there is no
 * Chromium.
 * @param terminal says what is done
 * @param openNodes makes the nodes behind it
 * @param takeAll takes the pictures; everything is closed after it, also when it throws
 */
export async function pictureDemo(
  terminal: Terminal,
  openNodes: (given: DemoNodesOptions) => Promise<DemoNodes>,
  takeAll: (browser: Browser, service: LocalService, nodes: DemoNodes) => Promise<void>,
): Promise<never> {
  // The SDK's note on coming Node versions is for developers of this project.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const path = chromiumPath();
  if (path === undefined) {
    terminal.problem(
      'There is no Chromium on this machine: install it, or say where it is in CHROMIUM_PATH.',
    );
    process.exit(1);
  }
  await terminal.step('brought dist/ up to date', () => buildForDemo());
  const workDir = await openWorkDir();
  const nodes = await openNodes({ workDir, say: (line) => terminal.say(line) });
  const service = await startService({ nodes, workDir, port: 0, onFailure: (why) => terminal.problem(why) });
  const browser = await openBrowser(path);
  try {
    await takeAll(browser, service, nodes);
  } finally {
    await browser.close();
    await service.close();
    await nodes.close();
  }
  process.exit(0);
}

import { type Check, checkLines } from './doctor/check.ts';
import type { Deployment } from './doctor/deployment.ts';
import { documentChecks, nodeChecks } from './doctor/node-checks.ts';
import { openDemo, openStack } from './doctor/open-deployment.ts';
import { slackChecks, urlChecks } from './doctor/slack-checks.ts';
import { sweepChecks } from './doctor/sweep-checks.ts';
import { print, printJson } from './output.ts';

interface DoctorOptions {
  readonly json?: true;
  readonly local?: true;
  readonly demo?: string;
  readonly stack: string;
  readonly region?: string;
}

/** `medic doctor`: looks at a deployment from outside, says what is wrong and how to put it right; exits 1 if anything is. */
export async function runDoctor({ local, demo, json, stack, region }: DoctorOptions): Promise<void> {
  const { checks, deployment } = local === true ? await openDemo(demo) : await openStack(stack, region);
  const all = deployment === undefined ? checks : [...checks, ...(await checkAll(deployment))];
  const ok = all.every((check) => check.ok === true);
  if (json === true) printJson({ schema: 'medic.doctor/1', ok, checks: all });
  else print(checkLines(all));
  process.exitCode = ok ? 0 : 1;
}

/** Everything that can be checked of a deployment; no check keeps another one from running. */
export async function checkAll(deployment: Deployment): Promise<readonly Check[]> {
  const groups = await Promise.all([
    slackChecks(deployment),
    urlChecks(deployment),
    documentChecks(deployment),
    nodeChecks(deployment),
    sweepChecks(deployment),
  ]);
  return groups.flat();
}

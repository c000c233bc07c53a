import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEnvironment } from '../lambdas/environment.ts';
import { buildForDemo } from '../local/demo/build.ts';
import { startService } from '../local/demo/service.ts';
import { openWorkDir } from '../local/demo/work-dir.ts';
import { APPROVER } from '../local/slack/people.ts';
import { ModelNode } from '../test/e2e/support/model-node.ts';
import { nodesUnderTest } from '../test/e2e/support/nodes-under-test.ts';
import { Patient } from '../test/e2e/support/patient.ts';

const ROUNDS = 3;
const ALARM = 'checkout-p99';

/**
 * How long after the end of the window the card with the plan is there: the built functions against the services of this
 * machine, at the settings that are deployed, and a node that answers when its samples are done. On a busy machine it says
 * more of the machine.
 */
export async function benchPlanCard(): Promise<void> {
  await buildForDemo();
  // The stack leaves these to their defaults, and the demo shortens them.
  const deployed = readEnvironment(
    'MEDIC_SAMPLE_SECONDS',
    'MEDIC_COMMAND_POLL_SECONDS',
    'MEDIC_SETTLE_SECONDS',
    'MEDIC_DRIFT_SECONDS',
  );
  const nodes = Array.from({ length: ROUNDS }, (_, index) => new ModelNode(index + 1, `group-${index + 1}`));
  const windowEnds = new Map<string, number>();
  for (const node of nodes)
    node.misbehave = async (document) => {
      if (document !== 'medic-collect') return undefined;
      await sleep(deployed.MEDIC_SAMPLE_SECONDS * 1000);
      windowEnds.set(node.instanceId, Date.now());
      return undefined;
    };
  const targets = nodes.map(({ instanceId }, index) => ({
    alarm: `${ALARM}-${index + 1}`,
    instanceIds: [instanceId],
  }));
  const workDir = await openWorkDir();
  const service = await startService({
    nodes: nodesUnderTest('a node that answers when its samples are done', nodes),
    workDir,
    port: 0,
    environment: {
      ...Object.fromEntries(Object.entries(deployed).map(([name, value]) => [name, String(value)])),
      MEDIC_ALARM_TARGETS: JSON.stringify(targets),
    },
    onFailure: (why) => console.error(why),
  });
  try {
    for (const [index, node] of nodes.entries()) {
      const patient = new Patient(service, `${ALARM}-${index + 1}`, [node]);
      await patient.fire();
      while (!service.slack.workspace.channelAs(APPROVER.id).some((one) => hasPlanFor(node, one)))
        await sleep(10);
      const seconds = (Date.now() - (windowEnds.get(node.instanceId) ?? 0)) / 1000;
      console.log(
        `card with the plan: ${seconds.toFixed(2)} s after the window of ${deployed.MEDIC_SAMPLE_SECONDS} s ended`,
      );
    }
  } finally {
    await service.close();
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Whether a message is the card of the node and has the button that approves its plan. */
function hasPlanFor({ instanceId }: ModelNode, message: object): boolean {
  const text = JSON.stringify(message);
  return text.includes(instanceId) && text.includes('"medic.apply-one"');
}

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeInstanceInformationCommand,
  type InstanceInformation,
  InvalidDocument,
} from '@aws-sdk/client-ssm';
import { DocumentChangedError } from '../../src/adapters/errors.ts';
import { nodeTagFilter } from '../../src/adapters/lookups/node-tag-filter.ts';
import { allPages } from '../../src/adapters/lookups/pages.ts';
import { SsmCollectCommands } from '../../src/adapters/ssm/commands.ts';
import { findVersion } from '../../src/adapters/ssm/document-versions.ts';
import { readCapture } from '../../src/core/capture/capture.ts';
import { nodeTagsPhrase } from '../../src/core/node-tags.ts';
import { nodeCount } from '../../src/core/words.ts';
import { attempt, bad, type Check, good, listOf, type Question, skipped } from './check.ts';
import { clusterChecks } from './cluster-checks.ts';
import type { Deployment } from './deployment.ts';

/** Older agents can fail in ways that look like the node's; AWS fixed parameters given as variables in this one. */
const AGENT_LEAST = '3.3.2746.0';
const COLLECTION_SECONDS = 120;
const POLL_MS = 1000;

interface ManagedNode {
  readonly id: string;
  readonly ping: string;
  readonly agent: string;
}

/** Each document as it is registered, against the one that this checkout builds, whichever of its versions that is. */
export async function documentChecks({ ssm, documents }: Deployment): Promise<readonly Check[]> {
  const deploy = 'Deploy the stack from this checkout again (npm run build && npx cdk deploy).';
  const checks = documents.map(async (document) => {
    const { name } = document;
    const id = `document-${name}`;
    const question: Question = {
      id,
      service: 'Systems Manager',
      unknown: `whether the document ${name} is there`,
      refused: `The document ${name} could not be looked up`,
      fix: deploy,
      permission: 'ssm:DescribeDocument and ssm:ListDocumentVersions',
    };
    return await attempt(question, async () => {
      try {
        const version = await findVersion(ssm, document);
        return [good(id, `The document ${name} is there, as this checkout builds it (version ${version}).`)];
      } catch (error) {
        if (!(error instanceof DocumentChangedError)) throw error;
        return error.cause instanceof InvalidDocument
          ? [bad(id, `The document ${name} is not there.`, deploy)]
          : [bad(id, `The document ${name} is another one than this checkout builds.`, deploy)];
      }
    });
  });
  return (await Promise.all(checks)).flat();
}

/** Which nodes can be sent a command, how old their agents are, and one collection that really runs. */
export async function nodeChecks(deployment: Deployment): Promise<readonly Check[]> {
  const tag = ` with the tag ${nodeTagsPhrase(deployment.nodeTags)}`;
  let nodes: readonly ManagedNode[] | undefined;
  const listed = await attempt(
    {
      id: 'nodes',
      service: 'Systems Manager',
      unknown: `which nodes${tag} there are`,
      refused: 'The nodes could not be listed',
      fix: 'Look at what Systems Manager says about the tags nodeTags of the configuration.',
      permission: 'ssm:DescribeInstanceInformation',
    },
    async () => {
      nodes = await managedNodes(deployment);
      const online = nodes.filter(({ ping }) => ping === 'Online');
      const lost = nodes.filter(({ ping }) => ping !== 'Online');
      const checks: Check[] = [];
      if (nodes.length === 0)
        return [
          bad(
            'nodes',
            `Systems Manager knows no Linux node${tag}.`,
            'Give the node role AmazonSSMManagedInstanceCore, and the instances the tag, as docs/deploy.md says.',
          ),
        ];
      checks.push(
        online.length === 0
          ? bad(
              'nodes',
              `None of ${nodeCount(nodes.length)}${tag} is online.`,
              'Look at the SSM agent on one of them.',
            )
          : good('nodes', `${online.length} of ${nodeCount(nodes.length)}${tag} can be sent a command.`),
      );
      if (lost.length > 0)
        checks.push(
          bad(
            'nodes-offline',
            `Not online: ${listOf(lost.map(({ id }) => id))}.`,
            'Look whether these machines still exist, and at their SSM agent: systemctl status amazon-ssm-agent.',
          ),
        );
      const old = nodes.filter(({ agent }) => isOlder(agent, AGENT_LEAST));
      checks.push(
        old.length === 0
          ? good('agents', `Every agent is ${AGENT_LEAST} or newer.`)
          : bad(
              'agents',
              `Agents older than ${AGENT_LEAST}: ${listOf(old.map(({ id, agent }) => `${id} (${agent})`))}.`,
              'Update them with the document AWS-UpdateSSMAgent, or use a newer AMI.',
            ),
      );
      return checks;
    },
  );
  if (nodes === undefined)
    return [
      ...listed,
      ...(deployment.instances === undefined
        ? []
        : [
            skipped(
              'clusters',
              'How many nodes of each cluster can be asked is not known.',
              'the list of nodes',
            ),
          ]),
      skipped('collection', 'Whether a node can be read is not known.', 'the list of nodes'),
    ];
  const online = nodes.filter(({ ping }) => ping === 'Online').map(({ id }) => id);
  const clusters = await clusterChecks(deployment, new Set(online));
  const [first] = online;
  if (first === undefined)
    return [...listed, ...clusters, skipped('collection', 'No node could be asked.', 'the nodes')];
  return [...listed, ...clusters, ...(await tryCollection(deployment, first))];
}

async function managedNodes({ ssm, nodeTags }: Deployment): Promise<readonly ManagedNode[]> {
  const found = new Map<string | undefined, InstanceInformation>();
  for (const tag of nodeTags) {
    const pages = await allPages((NextToken) =>
      ssm.send(
        new DescribeInstanceInformationCommand({ Filters: [nodeTagFilter(tag)], MaxResults: 50, NextToken }),
      ),
    );
    for (const one of pages.flatMap(({ InstanceInformationList = [] }) => InstanceInformationList))
      found.set(one.InstanceId, one);
  }
  return [...found.values()]
    .filter(({ PlatformType = 'Linux' }) => PlatformType === 'Linux')
    .map(({ InstanceId: id = '', PingStatus: ping = 'unknown', AgentVersion: agent = '' }) => ({
      id,
      ping,
      agent,
    }));
}

/** Sends the document that only reads, and looks whether what comes back is whole. */
async function tryCollection(
  { ssm, collect, nodeTags }: Deployment,
  instanceId: string,
): Promise<readonly Check[]> {
  const id = 'collection';
  const fix = 'Look at the command in the Run Command console.';
  const question: Question = {
    id,
    service: 'Systems Manager',
    unknown: `whether ${instanceId} can be read`,
    refused: `The collection on ${instanceId} was refused`,
    fix,
    permission: `ssm:SendCommand for the document ${collect.name}, and ssm:ListCommands and ssm:GetCommandInvocation`,
  };
  return await attempt(question, async () => {
    const nonce = randomBytes(8).toString('hex');
    const commands = new SsmCollectCommands(
      () => ssm,
      collect,
      (document) => findVersion(ssm, document),
      {
        sampleSeconds: 2,
        deliverySeconds: 30,
        nodeTags,
      },
    );
    const sent = await commands.collect({ instanceIds: [instanceId], nonce, incidentId: 'doctor' });
    const [command] = sent.commands;
    const [refused] = sent.refused;
    if (refused?.kind === 'denied')
      return [bad(id, refused.why, `The credentials need ${question.permission}.`)];
    if (command === undefined)
      return [bad(id, refused?.why ?? `${instanceId} cannot be reached any more.`, fix)];
    const { commandId } = command;
    const deadline = Date.now() + COLLECTION_SECONDS * 1000;
    while ((await commands.progress(commandId, [instanceId])).finished === 0) {
      if (Date.now() > deadline)
        return [bad(id, `${instanceId} did not answer within ${COLLECTION_SECONDS} s.`, fix)];
      await sleep(POLL_MS);
    }
    const [output] = await commands.outputs(commandId, [instanceId]);
    if (output?.kind !== 'output')
      return [bad(id, `Nothing came back from ${instanceId}: ${output?.why ?? 'no output'}.`, fix)];
    const capture = readCapture(output.text, nonce);
    if (capture?.complete !== true)
      return [bad(id, `What came back from ${instanceId} is not whole (exit code ${output.exitCode}).`, fix)];
    return [good(id, `${instanceId} was read: ${capture.sections.length} sections, complete.`)];
  });
}

/** Whether one dotted version comes before another. */
function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  for (const [index, part] of (right ?? []).entries()) {
    const difference = (left?.[index] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

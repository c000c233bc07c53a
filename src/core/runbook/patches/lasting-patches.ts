import type { IncidentNode } from '../../record/incident.ts';
import type { RaisePlan } from '../../record/plan.ts';
import { addOnPatch, configMapPatch, eksctlPatch } from './kube-proxy-patches.ts';
import {
  bottlerocketPatches,
  cdkPatch,
  karpenterPatch,
  launchTemplatePatch,
  terraformPatch,
} from './node-template-patches.ts';
import type { Patch, PatchFacts } from './patch.ts';

/** What makes the raise last beyond this node: patches with its numbers, the ones that fit the platform first. */
export function lastingPatches(plan: RaisePlan, node: IncidentNode | undefined): readonly Patch[] {
  const facts = patchFacts(plan, node);
  return [
    configMapPatch(facts),
    ...bottlerocketPatches(facts),
    karpenterPatch(facts),
    launchTemplatePatch(facts),
    addOnPatch(facts),
    eksctlPatch(facts),
    terraformPatch(facts),
    cdkPatch(facts),
  ].filter((patch) => patch !== undefined);
}

function patchFacts(plan: RaisePlan, node: IncidentNode | undefined): PatchFacts {
  const { cluster, region, nodeGroup, nodePool, platform } = node ?? {};
  return {
    max: plan.max.to,
    buckets: plan.buckets.to,
    kubeProxy: plan.kubeProxy,
    cluster,
    region,
    nodeGroup,
    nodePool,
    isBottlerocket: platform === 'Bottlerocket' || plan.isBottlerocket === true,
    isEks: plan.kubeProxy?.isEks === true || nodeGroup !== undefined,
  };
}

/** Patches as Markdown, a heading and a code block each. */
export function lastingMarkdown(patches: readonly Patch[]): string {
  return patches
    .map(({ title, note, language, text }) => `### ${title}\n\n${note}\n\n\`\`\`${language}\n${text}\n\`\`\``)
    .join('\n\n');
}

import { type NodeTraits, shareSentence, traitsOf, whatTheSickShare } from '../../fleet/shared.ts';
import type { CardField } from '../model.ts';
import { leadingDiagnosis, type RankedNode } from '../nodes.ts';

/**
 * What the nodes with the leading verdict have in common and the others do not all, with the counts of both; nothing where all nodes
 * have it, or fewer than two, or nothing that was read is theirs alone.
 */
export function inCommon(ranked: readonly RankedNode[]): readonly CardField[] {
  const verdict = leadingDiagnosis(ranked)?.verdict;
  if (verdict === undefined) return [];
  const read = ranked.filter(({ basis }) => basis !== undefined);
  const isSick = ({ basis }: RankedNode) => basis?.diagnosis.verdict === verdict;
  const share = whatTheSickShare(
    read.filter(isSick).map(knownTraits),
    read.filter((node) => !isSick(node)).map(knownTraits),
  );
  return share.healthy === 0 || share.shared.length === 0
    ? []
    : [{ label: 'In common', value: shareSentence(share, `with ${verdict}`) }];
}

function knownTraits({ node, basis }: RankedNode): NodeTraits {
  const { nodeGroup, nodePool, autoScalingGroup, ...known } = node;
  const { max: limit, kernel } = basis?.figures ?? {};
  return traitsOf({ ...known, group: nodeGroup ?? nodePool ?? autoScalingGroup, limit, kernel });
}

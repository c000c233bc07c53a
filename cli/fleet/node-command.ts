import { KEPT_HOURS } from '../../src/core/fleet/series.ts';
import { nodeReport, nodeText } from '../../src/core/sweep/node-report.ts';
import type { RecordsOptions } from '../deployment/find-history.ts';
import { sweepRecords } from '../deployment/sweep-records.ts';
import { InputError } from '../errors.ts';
import { print, printJson } from '../output.ts';

interface NodeOptions extends RecordsOptions {
  readonly json?: true;
}

/**
 * `medic node`: what the limit of a node is, who set it and when, what it was, and what it will be after a start of kube-proxy, a
 * boot and a replacement, as text or as `medic.node/1` JSON.
 */
export async function runNode(instanceId: string, options: NodeOptions): Promise<void> {
  if (!/^i-[0-9a-f]{8,17}$/.test(instanceId))
    throw new InputError(`"${instanceId}" is no instance id; give one such as i-0123456789abcdef0.`);
  const records = await sweepRecords(options);
  const now = Date.now();
  const report = nodeReport(instanceId, await records.readings(instanceId, KEPT_HOURS, now), now);
  if (options.json === true) printJson(report);
  else print(nodeText(report));
}

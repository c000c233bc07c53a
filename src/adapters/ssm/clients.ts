import { SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';
import type { NodePlace } from '../../core/record/place.ts';
import type { SpokeRoles } from '../spoke-access.ts';
import { withPatience } from '../waiting/patience.ts';

/** Opens Systems Manager where the nodes are; nothing stands for the service's own account and region. */
export type SsmClientAt = (place: NodePlace | undefined) => SSMClient;

/**
 * Clients for every place that nodes are in, kept for the next command. A place without a spoke role is the service's own
 * account in another region: finding the nodes has refused every other account.
 */
export function ssmClients(roles: SpokeRoles, options: SSMClientConfig = {}): SsmClientAt {
  const opened = new Map<string, SSMClient>();
  return (place) => {
    const key = place === undefined ? '' : `${place.account}/${place.region}`;
    const known = opened.get(key);
    if (known !== undefined) return known;
    const credentials = place === undefined ? undefined : roles.credentialsFor(place);
    const client = new SSMClient(
      withPatience({
        ...options,
        ...(place === undefined ? {} : { region: place.region }),
        ...(credentials === undefined ? {} : { credentials }),
      }),
    );
    opened.set(key, client);
    return client;
  };
}

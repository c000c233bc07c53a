import {
  DescribeDocumentCommand,
  InvalidDocument,
  InvalidDocumentVersion,
  ListDocumentVersionsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { pinnedVersion, pinVersion } from '../../core/incident/pinned-versions.ts';
import type { CommandRequest, IncidentStore } from '../../core/ports.ts';
import type { DocumentText } from '../../core/record/document-pin.ts';
import { type NodePlace, placePhrase } from '../../core/record/place.ts';
import { DocumentChangedError } from '../errors.ts';
import { allPages } from '../lookups/pages.ts';
import type { SsmClientAt } from './clients.ts';

/** Versions whose text is looked at, the newest first; a document may have 1,000 (Systems Manager quotas). */
const LOOKS_MOST = 50;

/** What is still being made, or going, is no version that a command may name (Systems Manager API, DocumentDescription). */
const NOT_USABLE: ReadonlySet<string> = new Set(['Creating', 'Failed', 'Deleting']);

/** For whom a version is asked: the incident that keeps it, and where the nodes are. */
type Asker = Pick<CommandRequest, 'incidentId' | 'place'>;

/**
 * Says which version of a document has a text.
 * @param isAnew looks again, because Systems Manager refused what was known
 */
export type VersionOf = (document: DocumentText, asker: Asker, isAnew?: boolean) => Promise<string>;

/**
 * Looks a version up once for each incident, place and text, and keeps it in the record: an incident that waits while a
 * deployment adds a version goes on with the one that it began with.
 */
export function keptVersions(
  store: Pick<IncidentStore, 'head' | 'update'>,
  clientAt: SsmClientAt,
): VersionOf {
  return async (document, { incidentId, place }, isAnew = false) => {
    const head = isAnew ? undefined : await store.head(incidentId);
    const kept = head && pinnedVersion(head, document, place);
    if (kept !== undefined) return kept;
    const version = await findVersion(clientAt(place), document, place);
    await store.update(incidentId, (now) => pinVersion(now, document, place, version));
    return version;
  };
}

/**
 * Finds the version of a document that has a text. A list of versions holds no hashes, so versions are looked at one by one:
 * the default first, which is the only one until the first upgrade. Nothing else is made of the default: a deployment may
 * leave it at an older text.
 *
 * @throws DocumentChangedError when none of them has it
 */
export async function findVersion(
  client: SSMClient,
  document: DocumentText,
  place?: NodePlace,
): Promise<string> {
  const { name: Name } = document;
  try {
    const [ofDefault, isDefaultIt] = await look(client, document);
    if (isDefaultIt) return ofDefault;
    const pages = await allPages((NextToken) =>
      client.send(new ListDocumentVersionsCommand({ Name, MaxResults: 50, NextToken })),
    );
    const others = pages
      .flatMap(({ DocumentVersions = [] }) => DocumentVersions)
      .flatMap(({ DocumentVersion }) => DocumentVersion ?? [])
      .filter((version) => version !== ofDefault)
      .toSorted((a, b) => Number(b) - Number(a));
    for (const version of others.slice(0, LOOKS_MOST)) {
      const [, isIt] = await look(client, document, version);
      if (isIt) return version;
    }
  } catch (error) {
    if (!(error instanceof InvalidDocument)) throw error;
    throw missing(document, place, error);
  }
  throw missing(document, place);
}

/**
 * Sends what names a version. A version that Systems Manager refuses is looked up once more: somebody may have deleted it, or
 * the whole document, and counting begins anew then. What was refused has started nothing.
 */
export async function withVersion<T>(
  versionOf: VersionOf,
  document: DocumentText,
  asker: Asker,
  send: (version: string) => Promise<T>,
): Promise<T> {
  const version = await versionOf(document, asker);
  try {
    return await send(version);
  } catch (error) {
    if (!(error instanceof InvalidDocumentVersion || error instanceof InvalidDocument)) throw error;
    const another = await versionOf(document, asker, true);
    if (another === version) throw error;
    return await send(another);
  }
}

/** @returns the version that is there, and whether it has the text */
async function look(
  client: SSMClient,
  { name: Name, hash }: DocumentText,
  DocumentVersion?: string,
): Promise<readonly [string, boolean]> {
  const { Document } = await client.send(new DescribeDocumentCommand({ Name, DocumentVersion }));
  const { DocumentVersion: version = '', Hash = '', Status } = Document ?? {};
  const isUsable = version !== '' && !NOT_USABLE.has(Status ?? '');
  return [version, isUsable && Hash.toLowerCase() === hash];
}

function missing(
  { name }: DocumentText,
  place: NodePlace | undefined,
  cause?: unknown,
): DocumentChangedError {
  const [where, there] = place === undefined ? ['here', ''] : [`in ${placePhrase(place)}`, ' there'];
  return new DocumentChangedError(
    `No version of ${name} ${where} has the text that this service was built with, so nothing was sent; deploy again${there}, from the same build.`,
    { cause },
  );
}

import type { DocumentPin, DocumentText } from '../record/document-pin.ts';
import type { IncidentHead } from '../record/incident.ts';
import type { NodePlace } from '../record/place.ts';

/** The version that the incident has kept for a text in a place. */
export function pinnedVersion(
  { documents = [] }: Pick<IncidentHead, 'documents'>,
  text: DocumentText,
  place: NodePlace | undefined,
): string | undefined {
  return documents.find(isPinOf(text, place))?.version;
}

/** Keeps the version of a text in a place, instead of another one. */
export function pinVersion(
  head: IncidentHead,
  { name, hash }: DocumentText,
  place: NodePlace | undefined,
  version: string,
): IncidentHead {
  if (pinnedVersion(head, { name, hash }, place) === version) return head;
  const others = (head.documents ?? []).filter((pin) => !isPinOf({ name, hash }, place)(pin));
  return { ...head, documents: [...others, { name, hash, version, ...place }] };
}

function isPinOf({ name, hash }: DocumentText, place: NodePlace | undefined): (pin: DocumentPin) => boolean {
  return (pin) =>
    pin.name === name && pin.hash === hash && pin.account === place?.account && pin.region === place?.region;
}

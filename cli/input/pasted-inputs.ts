import type { Paste, PastedHost } from '../../src/core/paste/read-paste.ts';
import type { Input, OneOfSeveral } from './input.ts';

/** Each host of a text, and, where it is one of several, whose part it is. */
export function hostsIn({
  hosts,
  unassigned,
}: Paste): readonly { readonly host: PastedHost; readonly oneOf: OneOfSeveral | undefined }[] {
  const parts = unassigned === undefined ? hosts : [...hosts, unassigned];
  const isMixed = unassigned !== undefined;
  const isOne = parts.length === 1 && !isMixed;
  return parts.map((host) => ({ host, oneOf: isOne ? undefined : { node: host.host, isMixed } }));
}

/** One input for each host of a text. */
export function pastedInputs(paste: Paste, title: string): readonly Input[] {
  return hostsIn(paste).map(({ host, oneOf }) =>
    oneOf === undefined
      ? { title, capture: host.capture, paste: host }
      : { title: oneOf.node ?? `what names no host in ${title}`, capture: host.capture, paste: host, oneOf },
  );
}

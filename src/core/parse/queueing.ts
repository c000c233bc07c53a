/** A queueing discipline of an interface that dropped or delayed packets. */
export interface QueueingDiscipline {
  readonly kind: string;
  readonly device: string;
  readonly dropped: bigint;
  readonly overlimits: bigint;
}

/** Reads `tc -s qdisc`: a line that names kind and device, then `(dropped 3951, overlimits 18415 requeues 0)`. */
export function parseQueueing(text: string): readonly QueueingDiscipline[] {
  return Array.from(
    text.matchAll(
      /^qdisc (\w{1,20}) \S{1,12} dev (\S{1,32})[^\n]*\n[^\n]*\(dropped (\d{1,20}), overlimits (\d{1,20})/gm,
    ),
    ([, kind = '', device = '', dropped = '0', overlimits = '0']) => ({
      kind,
      device,
      dropped: BigInt(dropped),
      overlimits: BigInt(overlimits),
    }),
  );
}

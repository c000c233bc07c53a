/** The scripts as they run on a node, each complete. */
export interface NodeScripts {
  readonly collect: string;
  readonly probe: string;
  readonly raise: string;
  readonly settings: string;
  readonly deleteUdpEntry: string;
  readonly rollback: string;
  readonly trace: string;
}

/** What every script that changes a node does first and last. */
const CHANGING = [
  'lib/preamble.sh',
  'change/values.sh',
  'change/result.sh',
  'change/files.sh',
  'change/journal.sh',
  'change/bottlerocket.sh',
  'change/recovery.sh',
  'change/check-and-lock.sh',
] as const;

/** What a change that lasts needs besides. A fragment that one of the documents never calls stays a file of its own. */
const LASTING = [
  'change/begin.sh',
  'change/stack.sh',
  'change/merge-settings.sh',
  'change/persistence.sh',
  'change/memory.sh',
  'change/write-undo.sh',
] as const;

/** The fragments each script is put together from, in order; paths are relative to `nodes/`. */
const FRAGMENTS: Record<keyof NodeScripts, readonly string[]> = {
  collect: [
    'lib/preamble.sh',
    'collect/nice.sh',
    'lib/bounded.sh',
    'collect/files.sh',
    'collect/captured.sh',
    'collect/sections.sh',
    'collect/links.sh',
    'collect/kernel-tables.sh',
    'collect/counters.sh',
    'collect/interfaces.sh',
    'collect/own-process.sh',
    'collect/processes.sh',
    'collect/kube-proxy-settings.sh',
    'collect/kube-proxy.sh',
    'collect/tuners.sh',
    'collect/entries.sh',
    'collect/udp-rules.sh',
    'collect/rules.sh',
    'collect/pods.sh',
    'collect/kernel-log.sh',
    'collect/node-state.sh',
    'collect/persistence-state.sh',
    'collect.sh',
  ],
  probe: [
    'lib/preamble.sh',
    'collect/nice.sh',
    'lib/bounded.sh',
    'collect/own-process.sh',
    'collect/kube-proxy-settings.sh',
    'probe/values.sh',
    'probe/once.sh',
    'probe/kube-proxy.sh',
    'probe/ena.sh',
    'probe.sh',
  ],
  raise: [...CHANGING, ...LASTING, 'change/not-covered.sh', 'raise.sh'],
  settings: [...CHANGING, ...LASTING, 'change/note-values.sh', 'settings.sh'],
  deleteUdpEntry: [...CHANGING, 'lib/bounded.sh', 'delete-udp-entry.sh'],
  rollback: [
    ...CHANGING,
    'change/begin.sh',
    'change/stack.sh',
    'change/merge-settings.sh',
    'change/note-values.sh',
    'change/read-undo.sh',
    'rollback.sh',
  ],
  trace: [
    'lib/preamble.sh',
    'collect/nice.sh',
    'lib/bounded.sh',
    'trace/answer.sh',
    'trace/parameters.sh',
    'trace/keeper.sh',
    'trace/points.sh',
    'trace/counters.sh',
    'trace/drops.sh',
    'trace/tcpdump.sh',
    'trace/python.sh',
    'trace/flows.sh',
    'trace/pcap.sh',
    'trace.sh',
  ],
};

/**
 * The files that a script is put together from.
 *
 * @returns paths relative to `nodes/`, in order
 */
export function fragmentsOf(script: keyof NodeScripts): readonly string[] {
  return FRAGMENTS[script];
}

/**
 * Puts the scripts together from their fragments: a document carries one script, and what they share is written once.
 *
 * @param read - returns the text of a file, given its path relative to `nodes/`
 */
export function assembleScripts(read: (path: string) => string): NodeScripts {
  const assemble = (fragments: readonly string[]) =>
    fragments.map((path) => read(path).trimEnd()).join('\n\n') + '\n';
  return {
    collect: assemble(FRAGMENTS.collect),
    probe: assemble(FRAGMENTS.probe),
    raise: assemble(FRAGMENTS.raise),
    settings: assemble(FRAGMENTS.settings),
    deleteUdpEntry: assemble(FRAGMENTS.deleteUdpEntry),
    rollback: assemble(FRAGMENTS.rollback),
    trace: assemble(FRAGMENTS.trace),
  };
}

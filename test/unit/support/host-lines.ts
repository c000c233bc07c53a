/** A row of `conntrack -S` with packets dropped since boot. */
export const drops = (drop: number) =>
  `cpu=0   \tfound=12 invalid=41 insert=0 insert_failed=3 drop=${drop} early_drop=0 error=0 search_restart=9 clash_resolve=0 chaintoolong=0`;

/** Count and limit as `sysctl` prints them. */
export const use = (count: number) =>
  `net.netfilter.nf_conntrack_count = ${count}\nnet.netfilter.nf_conntrack_max = 131072`;

/** What a full node prints. */
export const FULL = `${drops(48_213)}\n${use(131_072)}`;

/** What a calm node prints. */
export const CALM = `${drops(3)}\n${use(4_021)}`;

/** The kernel's message of a full table, without its time. */
export const LINE = 'nf_conntrack: nf_conntrack: table full, dropping packet';

/** Wraps each line of a text. */
export const each = (text: string, wrap: (line: string) => string) => text.split('\n').map(wrap).join('\n');

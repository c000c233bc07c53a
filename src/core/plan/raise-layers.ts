import type { KubeProxyPlan, PersistenceLayer } from '../record/plan.ts';
import { MAX_KEY } from '../record/settings.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { changeFor, higherLimit, type LimitWanted, limitWanted, wantedWords } from './kube-proxy.ts';
import { cutOff, OUR_MODPROBE_FILE, OUR_SYSCTL_FILE, rivalLine, unreadRival } from './rival-lines.ts';
import { tunerLayers } from './tuner-layers.ts';

type Layer = Pick<PersistenceLayer, 'state' | 'how'>;

/**
 * How each of the six layers that a raise must survive stands once our scripts have run on this node, and what services
 * that set settings on their own may do to it.
 */
export function raiseLayers(
  snapshot: Snapshot,
  { max, buckets }: { readonly max: number; readonly buckets: number },
): PersistenceLayer[] {
  return [
    { layer: 'running-kernel', state: 'covered', how: 'written at once and read back' },
    ...(isBottlerocket(snapshot) ? storeLayers() : fileLayers(snapshot, max, buckets)),
    { layer: 'kube-proxy', ...kubeProxyLayer(snapshot, max) },
    {
      layer: 'node-replacement',
      state: 'not-covered',
      how: 'new nodes start with the old limit until the node template sets it',
    },
    ...tunerLayers(snapshot, [{ key: MAX_KEY, to: max }]),
  ];
}

function fileLayers(snapshot: Snapshot, max: number, buckets: number): PersistenceLayer[] {
  return [
    { layer: 'sysctl.d', ...sysctlLayer(snapshot, max) },
    { layer: 'module-load-order', ...loadOrderLayer(snapshot) },
    { layer: 'hashsize', ...hashsizeLayer(snapshot, buckets) },
  ];
}

/** Whether the node runs Bottlerocket, whose settings are kept in a store and not in files. */
export function isBottlerocket({ identity }: Pick<Snapshot, 'identity'>): boolean {
  return /^bottlerocket( |$)/.test(valueOf(identity.platform) ?? '');
}

/** The settings store of Bottlerocket stands for the three layers of files: it is applied at every boot. */
function storeLayers(): PersistenceLayer[] {
  return [
    {
      layer: 'sysctl.d',
      state: 'covered',
      how: 'the settings store of Bottlerocket sets it at every boot, after updates too',
    },
    {
      layer: 'module-load-order',
      state: 'not-applicable',
      how: 'Bottlerocket applies its settings store itself',
    },
    {
      layer: 'hashsize',
      state: 'not-applicable',
      how: 'Bottlerocket has no setting for it: the store sets the buckets',
    },
  ];
}

function sysctlLayer({ persistence }: Snapshot, max: number): Layer {
  const facts = valueOf(persistence);
  if (facts === undefined)
    return {
      state: 'not-covered',
      how: `/etc/sysctl.d/${OUR_SYSCTL_FILE} sorts last; whether another file sets the key was not read`,
    };
  const rival = rivalLine(facts.lines, max) ?? unreadRival(facts);
  return rival === undefined
    ? { state: 'covered', how: `/etc/sysctl.d/${OUR_SYSCTL_FILE} sorts last` }
    : { state: 'not-covered', how: rival };
}

/** systemd-sysctl can set a key only once the module that has it is loaded, and never tries again (man 5 sysctl.d). */
function loadOrderLayer({ persistence }: Snapshot): Layer {
  return valueOf(persistence)?.isBuiltIn === true
    ? {
        state: 'not-applicable',
        how: 'nf_conntrack is built into the kernel, so the key is there from the start',
      }
    : { state: 'covered', how: 'modules-load.d loads nf_conntrack before sysctl.d is applied' };
}

/** At load the module makes its buckets from `hashsize` and takes eight times that as the limit (nf_conntrack_core.c). */
function hashsizeLayer({ persistence }: Snapshot, buckets: number): Layer {
  const facts = valueOf(persistence);
  if (facts?.isBuiltIn === true)
    return { state: 'not-applicable', how: 'built in: sysctl.d sets the buckets' };
  const unread = facts?.unread.find((file) => /\/modprobe\.d\//.test(file));
  const other = facts?.lines.find(
    ({ file, text }) =>
      /\/modprobe\.d\//.test(file) &&
      !file.endsWith(`/${OUR_MODPROBE_FILE}`) &&
      /^\s*options\s+nf_conntrack\s.*\bhashsize=(\d{1,10})/.test(text) &&
      !new RegExp(`\\bhashsize=${buckets}(?!\\d)`).test(text),
  );
  if (other !== undefined)
    return { state: 'not-covered', how: `${other.file}:${other.line} sets another hashsize` };
  if (unread !== undefined)
    return { state: 'not-covered', how: `${unread} was not read and may set another hashsize` };
  const cut = facts === undefined ? undefined : cutOff(facts);
  return cut === undefined
    ? { state: 'covered', how: `modprobe.d sets hashsize=${buckets}` }
    : { state: 'not-covered', how: cut };
}

/** kube-proxy writes the limit once, when it starts; what it does to a higher one depends on its version. */
function kubeProxyLayer(snapshot: Snapshot, max: number): Layer {
  const facts = valueOf(snapshot.kubeProxy);
  if (facts === undefined) return { state: 'not-covered', how: 'not known whether kube-proxy runs here' };
  const { isRunning, version, settings } = facts;
  if (!isRunning) return { state: 'not-applicable', how: 'kube-proxy does not run here' };
  const name = version === undefined ? 'kube-proxy' : `kube-proxy ${version}`;
  if (settings?.maxPerCore === 0)
    return { state: 'covered', how: `${name} has maxPerCore 0 and leaves the limit alone` };
  const wanted = limitWantedOn(snapshot);
  if (wanted !== undefined && wanted.least >= max)
    return { state: 'covered', how: `${name} itself writes ${wantedWords(wanted)} when it starts` };
  const fate = higherLimit(version);
  if (fate === 'kept') return { state: 'covered', how: `${name} never lowers it` };
  const change = changeFor(max, version);
  const perCore = change.maxPerCore === undefined ? '' : `conntrack.maxPerCore to ${change.maxPerCore} and `;
  const value = wanted === undefined ? 'its own value' : wantedWords(wanted);
  const may = version === undefined ? `${name} is of unknown version and` : `the next start of ${name}`;
  const start = fate === 'lowered' ? `${may} writes` : `${may} may write`;
  return { state: 'not-covered', how: `${start} ${value}; set ${perCore}conntrack.min to ${change.min}` };
}

/** What a running kube-proxy with known settings writes when it starts on this node; nothing when it writes nothing. */
export function limitWantedOn({ kubeProxy, identity }: Snapshot): LimitWanted | undefined {
  const [facts, cores] = [valueOf(kubeProxy), valueOf(identity.cores)];
  if (facts?.settings === undefined || cores === undefined) return undefined;
  return limitWanted(facts.settings, cores, facts.version);
}

/** What must change in kube-proxy's configuration for a raise to last; nothing where kube-proxy does not undo it. */
export function kubeProxyChange(snapshot: Snapshot, max: number): KubeProxyPlan | undefined {
  const facts = valueOf(snapshot.kubeProxy);
  if (facts?.isRunning !== true || kubeProxyLayer(snapshot, max).state !== 'not-covered') return undefined;
  return {
    ...changeFor(max, facts.version),
    // Where the EKS add-on puts its configuration; kubeadm has it under /var/lib/kube-proxy.
    isEks: facts.configFile?.startsWith('/var/lib/kube-proxy-config/') ?? false,
  };
}

import { isOtherThing, isSoftware } from './words.ts';

/** An address of IPv4, which names a machine whatever its digits are. */
export const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** A number, a time or a date, with a unit or an order or without. */
export const NUMERIC = /^[\d.:-]+(?:s|ms|m|min|h|sec|k|x|st|nd|rd|th)?$/i;

/** Words before a number or a letter that make it the name of a machine: `Node A`, `worker 3`. */
export const MACHINE =
  'node|host|server|worker|master|machine|instance|vm|box|member|replica|control[- ]?plane|master[- ]?node|worker[- ]?node';

const STARTS_AS_MACHINE = new RegExp(
  `^(?:${MACHINE}|gke|aks|eks|ec2|k8s|kube|k3s|kind|minikube|web|db|app|api|lb|ingress|edge|gw|gateway|cp|np|pool|proxy)[-.\\d]`,
  'i',
);

const WORD = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,98}[A-Za-z0-9])?$/;

/** Whether a word can be a host's name at all; underscores and slashes never are in one. */
export function canBeHost(word: string): boolean {
  return WORD.test(word) && !/^(?:net|kernel|vm|fs|sys|dev|proc)\.\D/.test(word) && !/^[\d.]+$/.test(word)
    ? true
    : IPV4.test(word);
}

/** Whether somebody may call a machine so: names in other scripts are no host's, and an underscore may stand for a hyphen. */
export function canBeCalled(word: string): boolean {
  return !/^[\x20-\x7e]*$/.test(word) || canBeHost(word.replaceAll('_', '-'));
}

/** A name without how the name of a file ends. */
export function withoutEnding(name: string): string {
  return name.replace(/\.(?:txt|log|out)$/, '');
}

/** Whether a word by itself looks like a machine's name: an address, an instance, a full name, letters with a number. */
export function isHostLike(word: string): boolean {
  if (IPV4.test(word)) return true;
  if (!canBeHost(word) || isOtherThing(word) || isSoftware(word)) return false;
  if (/^i-[0-9a-f]{8,17}$/.test(word) || /^ip-\d{1,3}(?:-\d{1,3}){3}\b/.test(word)) return true;
  if (/\.(?:txt|log|out|json|yaml|yml|md|sh|conf|go|c|h|py|gz)$/i.test(word)) return false;
  const labels = word.split('.');
  if (labels.length >= 3 && labels.every((label) => /^[A-Za-z][\w-]*$|^[\w-]*[A-Za-z]$/.test(label)))
    return true;
  if (labels.length === 2 && /\.(?:local|internal|lan|localdomain|cluster|home|corp)$/i.test(word))
    return true;
  const [first = ''] = labels;
  if (isOtherThing(first)) return false;
  if (STARTS_AS_MACHINE.test(first)) return true;
  if (first.includes('-')) {
    return /\d/.test(first) || /-[A-Za-z]$/.test(first);
  }
  return labels.length <= 2 && /^[A-Za-z]{1,20}\d{1,4}[a-z]?$/.test(first);
}

/** A name without what stands around it: quote marks, a user, a port, the kind of a Kubernetes object. */
export function plainName(word: string): string {
  return word
    .trim()
    .replaceAll(/^["'`*<([]+|["'`*>)\],;]+$/g, '')
    .replace(/^(?:pods?|nodes?|node\.k8s\.io|daemonsets?)\//, '')
    .replace(/^[\w.-]{1,64}@/, '')
    .replace(/^https?:\/\//, '')
    .replace(/(?<=[\w.]):\d{2,5}$/, '')
    .replace(/\.$/, '');
}

/** How a name is compared: EC2's `ip-10-0-1-5` is the address 10.0.1.5, and case says nothing. */
function comparable(name: string): string {
  const plain = plainName(name).toLowerCase();
  const ec2 = /^ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(?:\.|$)/.exec(plain);
  return ec2 === null ? plain : ec2.slice(1).join('.');
}

/** Whether two names are of one host: a short name and its full form are, an address with two ports is. */
export function isSameHost(a: string, b: string): boolean {
  const [one, other] = [comparable(a), comparable(b)];
  if (one === other) return true;
  if (IPV4.test(one) || IPV4.test(other)) return false;
  return one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

/** The hosts of one paste, each under the name by which it was first called. */
export class HostNames {
  readonly #shown = new Map<string, string>();
  /** Names by what they begin with: only those that share it can be of one host. */
  readonly #alike = new Map<string, string[]>();
  #count = 0;

  /** How many hosts there are. */
  get count(): number {
    return this.#count;
  }

  /** The host that a name is of, as it is shown. */
  of(name: string): string {
    const known = this.#find(name);
    if (known !== undefined) return known;
    const shown = plainName(name);
    this.#count += 1;
    this.#note(name, shown);
    return shown;
  }

  /** Whether the name is of a host that was named before. */
  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Notes that a name that is new is another one of a host: an alias of ssh, an address. */
  alias(name: string, host: string): void {
    if (!this.has(name)) this.#note(name, host);
  }

  #find(name: string): string | undefined {
    const exact = this.#shown.get(name);
    if (exact !== undefined || this.#shown.size === 0) return exact;
    const like = this.#alike.get(beginningOf(name))?.find((one) => isSameHost(one, name));
    const shown = like === undefined ? undefined : this.#shown.get(like);
    if (shown !== undefined) this.#note(name, shown);
    return shown;
  }

  #note(name: string, shown: string): void {
    this.#shown.set(name, shown);
    const alike = this.#alike.get(beginningOf(name)) ?? [];
    if (alike.length < MOST_FORMS) alike.push(name);
    this.#alike.set(beginningOf(name), alike);
  }
}

/** Forms of one name that are compared; a text with more is none that people paste. */
const MOST_FORMS = 50;

function beginningOf(name: string): string {
  const plain = comparable(name);
  return IPV4.test(plain) ? plain : (plain.split('.')[0] ?? plain);
}

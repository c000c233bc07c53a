/** A step's name in records of 0.1 before there was more than one kind of change. */
const KIND_BEFORE_KINDS = 'raise';

/**
 * Brings an item that an older version of the service wrote to today's shape: records are kept for ever, and each is read
 * like one of today. A field that was added since is optional and needs nothing here; what is named or required otherwise
 * by now does.
 */
export function broughtUp(item: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { head, collection, plan } = item;
  return {
    ...item,
    ...(isObject(head) && { head: headBroughtUp(head) }),
    ...(isObject(collection) && { collection: collectionBroughtUp(collection) }),
    ...(isObject(plan) && { plan: planBroughtUp(plan) }),
  };
}

type Stored = Readonly<Record<string, unknown>>;

function headBroughtUp(head: Stored): Stored {
  const { plan, remediations } = head;
  return {
    ...head,
    ...(isObject(plan) && { plan: planBroughtUp(plan) }),
    ...(Array.isArray(remediations) && {
      remediations: remediations.map((step: unknown) =>
        isObject(step) && step['kind'] === KIND_BEFORE_KINDS ? { ...step, kind: 'raise-max' } : step,
      ),
    }),
  };
}

function collectionBroughtUp(collection: Stored): Stored {
  const { outcome } = collection;
  if (!isObject(outcome) || !isObject(outcome['plan'])) return collection;
  return { ...collection, outcome: { ...outcome, plan: nodePlanBroughtUp(outcome['plan']) } };
}

function planBroughtUp(plan: Stored): Stored {
  const { nodes } = plan;
  return Array.isArray(nodes)
    ? { ...plan, nodes: nodes.map((node: unknown) => (isObject(node) ? nodePlanBroughtUp(node) : node)) }
    : plan;
}

/** The raise was the only change that a plan could be about. */
const nodePlanBroughtUp = (node: Stored): Stored =>
  node['kind'] === undefined ? { ...node, kind: 'raise-max' } : node;

const isObject = (value: unknown): value is Stored =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

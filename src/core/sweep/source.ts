import * as z from 'zod';

/** Name of a label, as Prometheus' data model has it. */
const Label = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/, 'must be the name of a label: letters, digits and underscores');

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Address of a Prometheus. What is sent there may be a token, so it goes over TLS, or does not leave the machine. */
const PrometheusUrl = z
  .url({ protocol: /^https?$/ })
  .max(512)
  .refine(
    (text) => {
      const { protocol, hostname, username, password, search, hash } = new URL(text);
      const isPrivate = protocol === 'https:' || LOOPBACK.test(hostname);
      return isPrivate && username === '' && password === '' && search === '' && hash === '';
    },
    {
      error:
        'must be https:// with nothing but host and path, such as https://prometheus.example.com (http:// only on the same machine)',
    },
  );

/** A workspace of Amazon Managed Service for Prometheus. */
export interface PrometheusWorkspace {
  readonly region: string;
  /** `ws-…`. */
  readonly id: string;
}

/** The workspace that an address names, by the service's own form or that of its interface endpoint in a VPC. */
export function workspaceOf(url: string): PrometheusWorkspace | undefined {
  const { hostname, pathname } = new URL(url);
  const [, region] =
    /(?:^|[.-])aps-workspaces(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.(?:vpce\.)?(?:amazonaws\.com|api\.aws)(?:\.cn)?$/.exec(
      hostname,
    ) ?? [];
  const [, id] = /^\/workspaces\/(ws-[0-9a-f-]{1,64})\/?$/.exec(pathname) ?? [];
  return region === undefined || id === undefined ? undefined : { region, id };
}

/** Node_exporter's series in a Prometheus, but for how it is shown who asks. */
const PROMETHEUS = {
  kind: z.literal('prometheus'),
  /** Up to what comes before `/api/v1/query`. */
  url: PrometheusUrl,
  /** Labels that series must have, where the Prometheus has those of other clusters too. */
  labels: z
    .record(Label, z.string().min(1).max(256))
    .refine((labels) => Object.keys(labels).length <= 10, { error: 'must hold ten labels at most' })
    .default({}),
  /** A label that names the node, beside those that do so usually. */
  nodeLabel: Label.optional(),
};
const NONE = z.strictObject({ kind: z.literal('none') });
/** With the credentials of the function, for Amazon Managed Service for Prometheus. */
const SIGNED = z.strictObject({ kind: z.literal('sigv4') });

const isSignable = ({
  auth,
  url,
}: {
  readonly auth: { readonly kind: string };
  readonly url: string;
}): boolean => auth.kind !== 'sigv4' || workspaceOf(url) !== undefined;
const SIGNABLE = {
  error:
    'must be the address of a workspace, https://aps-workspaces.REGION.amazonaws.com/workspaces/ws-…, where auth is sigv4',
  path: ['url'],
};

const ssm = z.strictObject({ kind: z.literal('ssm') });
const agent = z.strictObject({
  kind: z.literal('cloudwatch-agent'),
  /** Namespace that the agent puts its metrics in. */
  namespace: z
    .string()
    .regex(/^(?!AWS\/)[\w./#: -]{1,255}$/, 'must be a namespace of CloudWatch that is not one of AWS')
    .default('CWAgent'),
});

/**
 * Where the samples of a sweep come from, as a deployment says it: the nodes themselves, by a command of Systems Manager, or what
 * another agent on them sends to a Prometheus or to CloudWatch.
 */
export const ConfiguredSource = z.discriminatedUnion('kind', [
  ssm,
  z
    .strictObject({
      ...PROMETHEUS,
      auth: z.discriminatedUnion('kind', [
        NONE,
        /** The secret holds JSON with the key `token`. */
        z.strictObject({ kind: z.literal('bearer'), secretName: z.string().min(1).max(512) }),
        SIGNED,
      ]),
    })
    .refine(isSignable, SIGNABLE),
  agent,
]);
export type ConfiguredSource = z.infer<typeof ConfiguredSource>;

const secret = z.string().regex(/^arn:aws[a-z-]*:secretsmanager:/, 'must be the ARN of a secret');

/** The same as the function is told it. */
export const SweepSource = z.discriminatedUnion('kind', [
  ssm,
  z
    .strictObject({
      ...PROMETHEUS,
      auth: z.discriminatedUnion('kind', [
        NONE,
        z.strictObject({ kind: z.literal('bearer'), secret }),
        SIGNED,
      ]),
    })
    .refine(isSignable, SIGNABLE),
  agent,
]);
export type SweepSource = z.infer<typeof SweepSource>;

/** Node_exporter's series, and where they are. */
export type PrometheusSource = Extract<SweepSource, { readonly kind: 'prometheus' }>;

import * as z from 'zod';

/** Name of a label, as Prometheus' data model has it. */
const Label = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/, 'must be the name of a label: letters, digits and underscores');

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const ADDRESS = z
  .url({ protocol: /^https?$/ })
  .max(512)
  .refine(
    (text) => {
      const { username, password, search, hash } = new URL(text);
      return username === '' && password === '' && search === '' && hash === '';
    },
    { error: 'must have nothing but host and path, such as https://prometheus.example.com' },
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

/** Name of a secret of Secrets Manager, in the account and region of the service. */
const secretName = z
  .string()
  .regex(
    /^[\w/+=.@-]{1,512}$/,
    'must be the name of a secret in Secrets Manager: letters, digits and /_+=.@-',
  );

/** How a Prometheus is shown who asks. No secret stands here, but where it is. */
const Auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** The secret holds JSON with the key `token`. */
  z.strictObject({ kind: z.literal('bearer'), secretName }),
  /** The secret holds JSON with the keys `username` and `password`. */
  z.strictObject({ kind: z.literal('basic'), secretName }),
  /** With the credentials of the function, for Amazon Managed Service for Prometheus. */
  z.strictObject({
    kind: z.literal('sigv4'),
    /** Assumed for a workspace of another account. */
    role: z
      .strictObject({
        arn: z
          .string()
          .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, 'must be the ARN of a role'),
        externalId: z
          .string()
          .regex(/^[\w+=,.@:/-]{2,1224}$/, 'must be 2 to 1224 characters of an external id')
          .optional(),
      })
      .optional(),
  }),
]);

/** Where in a VPC the function stands that asks. */
const Vpc = z.strictObject({
  subnetIds: z
    .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'must be the id of a subnet'))
    .min(1)
    .max(16),
  securityGroupIds: z
    .array(z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'must be the id of a security group'))
    .min(1)
    .max(5),
});

/** Node_exporter's series in a Prometheus. */
const Prometheus = z
  .strictObject({
    kind: z.literal('prometheus'),
    /** Up to what comes before `/api/v1/query`. */
    url: ADDRESS,
    auth: Auth,
    /** Whose series they are where one Prometheus has those of several, as the header `X-Scope-OrgID` says it. */
    tenant: z
      .string()
      .regex(
        /^[\w!.*'()|-]{1,150}$/,
        "must be the id of a tenant: letters, digits and !-_.*'(), with | between several",
      )
      .optional(),
    /** Labels that series must have, where the Prometheus has those of other clusters too. */
    labels: z
      .record(Label, z.string().min(1).max(256))
      .refine((labels) => Object.keys(labels).length <= 10, { error: 'must hold ten labels at most' })
      .default({}),
    /** A label that names the node, beside those that do so usually. */
    nodeLabel: Label.optional(),
    vpc: Vpc.optional(),
  })
  .refine(
    ({ url, auth, vpc }) => {
      const { protocol, hostname } = new URL(url);
      // What shows who asks goes over TLS, or does not leave the machine.
      return protocol === 'https:' || LOOPBACK.test(hostname) || (vpc !== undefined && auth.kind === 'none');
    },
    {
      error: 'must be https:// (http:// only on the same machine, or with vpc and without a login)',
      path: ['url'],
    },
  )
  .refine(({ auth, url }) => auth.kind !== 'sigv4' || workspaceOf(url) !== undefined, {
    error:
      'must be the address of a workspace, https://aps-workspaces.REGION.amazonaws.com/workspaces/ws-…, where auth is sigv4',
    path: ['url'],
  });

/**
 * Where the samples of a sweep come from, as a deployment says it and the function is told: the nodes themselves, by a command of
 * Systems Manager, or what another agent on them sends to a Prometheus or to CloudWatch.
 */
export const SweepSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ssm') }),
  Prometheus,
  z.strictObject({
    kind: z.literal('cloudwatch-agent'),
    /** Namespace that the agent puts its metrics in. */
    namespace: z
      .string()
      .regex(/^(?!AWS\/)[\w./#: -]{1,255}$/, 'must be a namespace of CloudWatch that is not one of AWS')
      .default('CWAgent'),
  }),
]);
export type SweepSource = z.infer<typeof SweepSource>;

/** Series that others keep of the nodes. */
export type SeriesSource = Exclude<SweepSource, { readonly kind: 'ssm' }>;
/** Node_exporter's series, and where they are. */
export type PrometheusSource = Extract<SweepSource, { readonly kind: 'prometheus' }>;

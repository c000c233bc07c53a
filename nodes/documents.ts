import { createHash } from 'node:crypto';
import type { NodeScripts } from './scripts.ts';

export { assembleScripts, type NodeScripts } from './scripts.ts';

/** One SSM Command document, ready to be registered under `name`. */
export interface MedicDocument {
  readonly name:
    | 'medic-collect'
    | 'medic-probe'
    | 'medic-raise'
    | 'medic-settings'
    | 'medic-delete-udp-entry'
    | 'medic-rollback'
    | 'medic-trace';
  /** The JSON text, exactly as registered: its hash is what a command is pinned to. */
  readonly content: string;
  /** Hex SHA-256 of `content`, for SendCommand's `DocumentHash`. */
  readonly sha256: string;
}

interface ScriptParameter {
  readonly variable: string;
  readonly description: string;
  readonly allowedPattern: string;
}

/** SSM's limit on the text of one document. */
const DOCUMENT_MAX_BYTES = 64 * 1024;

// A leading zero is octal to the kernel and to some shells, and 0 means "unlimited": neither may get through.
const NUMBER = '^[1-9][0-9]{3,6}$';

const SETTING =
  'net\\.(netfilter\\.nf_conntrack_(buckets|tcp_timeout_(established|close_wait|time_wait))|ipv[46]\\.neigh\\.default\\.gc_thresh[123])';
const CHANGE = `${SETTING}=(0|[1-9][0-9]{0,6}):[1-9][0-9]{0,6}`;

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
// Whether an IPv6 address is one is left to the tool: here it only has to be unable to be anything else.
const ADDRESS = `^(${OCTET}(\\.${OCTET}){3}|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7})$`;
const PORT_NUMBER = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
const PORT = `^${PORT_NUMBER}$`;

// Where a trace looks: an interface by the name that the kernel has for it, or a pod by its address.
const POINT = '(uplink=[A-Za-z0-9_][A-Za-z0-9._-]{0,14}|pod=[0-9a-f.:]{2,39})';

const nonce: ScriptParameter = {
  variable: 'MEDIC_NONCE',
  description: 'Marks the sections of the output, new for every command.',
  allowedPattern: '^[a-z0-9]{16}$',
};

const incident: ScriptParameter = {
  variable: 'MEDIC_INCIDENT',
  description: 'Incident on whose behalf the node is changed.',
  allowedPattern: '^[a-z0-9-]{8,64}$',
};

const DOCUMENTS = [
  {
    name: 'medic-collect',
    script: 'collect',
    description: 'Reads the connection-tracking state of a node twice. Changes nothing.',
    // The longest sampling, the script's own bound of 15 s on top and time for a starved node to start it.
    timeoutSeconds: 110,
    parameters: {
      nonce,
      sampleSeconds: {
        variable: 'MEDIC_SAMPLE_SECONDS',
        description: 'Seconds between the two samples.',
        allowedPattern: '^([2-9]|[1-5][0-9]|60)$',
      },
    },
  },
  {
    name: 'medic-probe',
    script: 'probe',
    description:
      'Reads how full the connection-tracking table of a node is, twice, in few numbers. Changes nothing.',
    // The longest sampling, the script's own bounds of 20 s on top and time for a starved node to start it.
    timeoutSeconds: 70,
    parameters: {
      nonce,
      sampleSeconds: {
        variable: 'MEDIC_SAMPLE_SECONDS',
        description: 'Seconds between the two samples.',
        allowedPattern: '^([2-9]|[12][0-9]|30)$',
      },
    },
  },
  {
    name: 'medic-raise',
    script: 'raise',
    description:
      'Raises nf_conntrack_max and nf_conntrack_buckets on a node and makes it last. Never lowers.',
    timeoutSeconds: 110,
    parameters: {
      nonce,
      incident,
      mode: {
        variable: 'MEDIC_MODE',
        description: 'exact: refuse when the running values moved. ensure: at least the target.',
        allowedPattern: '^(exact|ensure)$',
      },
      fromMax: {
        variable: 'MEDIC_FROM_MAX',
        description: 'nf_conntrack_max as planned from.',
        allowedPattern: NUMBER,
      },
      toMax: { variable: 'MEDIC_TO_MAX', description: 'nf_conntrack_max to reach.', allowedPattern: NUMBER },
      fromBuckets: {
        variable: 'MEDIC_FROM_BUCKETS',
        description: 'nf_conntrack_buckets as planned from.',
        allowedPattern: NUMBER,
      },
      toBuckets: {
        variable: 'MEDIC_TO_BUCKETS',
        description: 'nf_conntrack_buckets to reach.',
        allowedPattern: NUMBER,
      },
    },
  },
  {
    name: 'medic-settings',
    script: 'settings',
    description:
      'Adds buckets, shortens timeouts or raises neighbour thresholds on a node and makes it last.',
    timeoutSeconds: 110,
    parameters: {
      nonce,
      incident,
      changes: {
        variable: 'MEDIC_CHANGES',
        description: 'At most six of key=from:to, separated by commas.',
        allowedPattern: `^${CHANGE}(,${CHANGE}){0,5}$`,
      },
    },
  },
  {
    name: 'medic-delete-udp-entry',
    script: 'deleteUdpEntry',
    description:
      'Deletes the entries of one UDP service that still lead to an endpoint that is gone. Never more than 1,000.',
    timeoutSeconds: 110,
    parameters: {
      nonce,
      incident,
      destination: {
        variable: 'MEDIC_DESTINATION',
        description: 'Address that clients send to, as the kernel prints it.',
        allowedPattern: ADDRESS,
      },
      port: { variable: 'MEDIC_PORT', description: 'Port that clients send to.', allowedPattern: PORT },
      target: {
        variable: 'MEDIC_TARGET',
        description: 'Address that the entries lead to and nobody answers at, as the kernel prints it.',
        allowedPattern: ADDRESS,
      },
    },
  },
  {
    name: 'medic-rollback',
    script: 'rollback',
    description: 'Takes back what medic-raise and medic-settings did for one incident, byte for byte.',
    timeoutSeconds: 110,
    parameters: { nonce, incident },
  },
  {
    name: 'medic-trace',
    script: 'trace',
    description:
      'Looks where new TCP connections are lost on a node: headers of SYN, SYN-ACK and RST for some seconds. Changes nothing.',
    // The longest trace, what comes before and after it, and time for a starved node.
    timeoutSeconds: 120,
    parameters: {
      nonce,
      seconds: {
        variable: 'MEDIC_SECONDS',
        description: 'How long packets are looked at.',
        allowedPattern: '^([5-9]|[1-5][0-9]|60)$',
      },
      port: {
        variable: 'MEDIC_PORT',
        description: 'Port that clients connect to on the node, or any.',
        allowedPattern: `^(any|${PORT_NUMBER})$`,
      },
      points: {
        variable: 'MEDIC_POINTS',
        description: 'auto, or up to five of uplink=interface and pod=address, separated by commas.',
        allowedPattern: `^(auto|${POINT}(,${POINT}){0,4})$`,
      },
    },
  },
] as const satisfies readonly {
  name: MedicDocument['name'];
  script: keyof NodeScripts;
  description: string;
  timeoutSeconds: number;
  parameters: Record<string, ScriptParameter>;
}[];

/**
 * The lines of a script as they are sent. Comments and indentation of what only reads stay at home: it runs often, has much of
 * both, and changes nothing; no line of it that begins with `#` is anything else, and no text of it goes on in a line that
 * begins with a blank.
 */
function linesOf(script: keyof NodeScripts, body: string): readonly string[] {
  const lines = body.trimEnd().split('\n');
  if (script !== 'collect' && script !== 'probe') return lines;
  return lines.map((line) => line.trimStart()).filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * Builds the SSM documents around the scripts.
 *
 * From version 3.3.2746.0 on the agent hands a parameter with `interpolationType: ENV_VAR` over as the environment variable
 * `SSM_name`, so its value is never part of a line (Systems Manager user guide, "Data elements and parameters"). An older
 * one does not know that property and replaces `{{ name }}` textually before the shell sees the line; then a value is safe
 * because its parameter has a strict pattern. The text counts only where the variable is not set, whatever a newer agent
 * makes of it. Each script checks its values once more.
 *
 * @throws Error when a script holds `{{` itself or a document exceeds SSM's 64 KB
 */
export function buildDocuments(scripts: NodeScripts): MedicDocument[] {
  return DOCUMENTS.map(({ name, script, description, timeoutSeconds, parameters }) => {
    const body = scripts[script];
    if (body.includes('{{'))
      throw new Error(`${name}: the script contains "{{", which SSM would substitute; rewrite that line.`);
    const entries = Object.entries<ScriptParameter>(parameters);
    const prelude = entries.map(
      ([parameter, { variable }]) => `${variable}=\${SSM_${parameter}-'{{ ${parameter} }}'}`,
    );
    // Not indented: a line of a script costs its own bytes only.
    const content = JSON.stringify({
      schemaVersion: '2.2',
      description,
      parameters: Object.fromEntries(
        entries.map(([parameter, { description: meaning, allowedPattern }]) => [
          parameter,
          { type: 'String', description: meaning, allowedPattern, interpolationType: 'ENV_VAR' },
        ]),
      ),
      mainSteps: [
        {
          action: 'aws:runShellScript',
          name: script,
          precondition: { StringEquals: ['platformType', 'Linux'] },
          inputs: {
            timeoutSeconds: String(timeoutSeconds),
            runCommand: ['#!/bin/sh', ...prelude, ...linesOf(script, body)],
          },
        },
      ],
    });
    const bytes = new TextEncoder().encode(content).length;
    if (bytes > DOCUMENT_MAX_BYTES) {
      throw new Error(
        `${name}: the document has ${bytes} bytes, SSM takes ${DOCUMENT_MAX_BYTES}; shorten the script.`,
      );
    }
    return { name, content, sha256: createHash('sha256').update(content).digest('hex') };
  });
}

import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * The rooms of the code from the lowest to the highest floor. A file may import what stands in its own room or below,
 * nothing beside it and nothing above it. `instead` says where a piece goes that a lower room wants from this one.
 */
const FLOORS = [
  [{ room: 'src/core/errors.ts', instead: 'an error takes what it says as an argument' }],
  [
    {
      room: 'src/core/record',
      instead: 'record holds schemas alone; what works on them belongs into the room of its stage',
    },
    {
      room: 'nodes',
      instead: 'hand the text of a document in, as lambdas and cdk do',
    },
  ],
  // Numbers and sentences, and what has no room of its own: the files that stand in src/core itself.
  [{ room: 'src/core', instead: 'a port belongs to the room that calls it: take it as an argument' }],
  [{ room: 'src/core/capture', instead: 'what names a source stands in src/core/capture/sources.ts' }],
  [
    { room: 'src/core/parse', instead: 'what a capture is cut into stands in src/core/capture' },
    { room: 'src/core/resolve', instead: 'what is stored of a node stands in src/core/record' },
    { room: 'src/core/trace', instead: 'what a trace finds is handed on as its own types' },
  ],
  [
    { room: 'src/core/snapshot', instead: 'what one output says belongs into src/core/parse' },
    { room: 'src/core/paste', instead: 'what one output says belongs into src/core/parse' },
  ],
  [
    {
      room: 'src/core/bundle',
      instead: 'what a file of a bundle says is read by src/core/paste, whatever it came in',
    },
    {
      room: 'src/core/plan',
      instead:
        'a fact of the node belongs into src/core/snapshot, what is stored of a plan into src/core/record/plan.ts',
    },
  ],
  [
    {
      room: 'src/core/diagnosis',
      instead:
        'a fact of the node belongs into src/core/snapshot, how a number reads into src/core/words.ts, what is stored into src/core/record/diagnosis.ts',
    },
    {
      room: 'src/core/fleet',
      instead:
        'what one reading says belongs into src/core/parse, what is judged of one diagnosis into src/core/diagnosis',
    },
  ],
  [
    {
      room: 'src/core/remediation',
      instead: 'what is said of a kind of change belongs into src/core/plan/kinds.ts',
    },
  ],
  [
    { room: 'src/core/keep', instead: 'what became of a change belongs into src/core/remediation' },
    {
      room: 'src/core/runbook',
      instead: 'what is said of a kind of change belongs into src/core/plan/kinds.ts',
    },
  ],
  [
    {
      room: 'src/core/incident',
      instead: 'which state may follow which stands in src/core/record/transitions.ts',
    },
  ],
  [
    {
      room: 'src/core/card',
      instead:
        'what became of each node stands in src/core/remediation/steps.ts, how numbers read in src/core/words.ts',
    },
    {
      room: 'src/core/audit',
      instead: 'what became of each node stands in src/core/remediation/steps.ts',
    },
  ],
  [
    {
      room: 'src/core/sweep',
      instead: 'what is judged of the readings of a node belongs into src/core/fleet',
    },
    {
      room: 'src/core/reconcile',
      instead: 'what is owed to one incident and is done elsewhere too belongs into src/core/incident',
    },
    {
      room: 'src/core/page',
      instead: 'what the card says too belongs into src/core/card',
    },
  ],
  [
    {
      room: 'runbooks',
      instead: 'what the core has to know of a failure mode is a property of its signature',
    },
    {
      room: 'src/slack',
      instead: 'what the card says belongs into src/core/card; src/slack only draws it',
    },
    { room: 'src/page', instead: 'what a page says belongs into src/core; src/page only draws it' },
  ],
  [{ room: 'src/adapters', instead: 'name what you need in src/core/ports.ts and take it as an argument' }],
  [{ room: 'lambdas', instead: 'a handler is the outermost layer: what others need belongs into src' }],
  [{ room: 'local', instead: 'the stand-ins serve the product, never the other way round' }],
  [{ room: 'cdk', instead: 'what the code and the stack both name belongs into src/core or nodes' }],
  [{ room: 'cli', instead: 'what others need of a command belongs into src' }],
  [
    { room: 'build', instead: 'the product never needs its own build' },
    { room: 'bench', instead: 'what is measured stands in the product, and bench only calls it' },
    { room: 'sim', instead: 'what is measured stands in the product, and sim only calls it' },
  ],
];

/** Single files that stand outside the floors, by what they are for. */
const EXCEPTIONS = new Set([
  // The catalogue is made of the folders that lie beside the list; an adapter finds them.
  'runbooks/index.ts > src/adapters',
]);

const BY_ROOM = new Map(
  FLOORS.flatMap((rooms, floor) => rooms.map(({ room, instead }) => [room, { floor, instead }])),
);

/** The room of a file of the project: itself, or the longest folder that is one. */
function roomOf(file) {
  const parts = file.split('/');
  for (let length = parts.length; length > 0; length--) {
    const room = parts.slice(0, length).join('/');
    if (BY_ROOM.has(room)) return room;
  }
  return undefined;
}

/**
 * Why one file may not import another, or nothing where it may.
 * @param {string} from path from the project's root, with forward slashes
 * @param {string} to the same of what it imports
 */
export function refuseImport(from, to) {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (there === 'runbooks' && here === 'runbooks') return refuseNeighbour(from, to);
  if (here === undefined || there === undefined || here === there) return undefined;
  if (EXCEPTIONS.has(`${from} > ${there}`)) return undefined;
  const [a, b] = [BY_ROOM.get(here), BY_ROOM.get(there)];
  if (b.floor < a.floor) return undefined;
  const where = b.floor === a.floor ? 'stands beside' : 'stands above';
  return `${there} ${where} ${here}, which cannot import it: ${b.instead}.`;
}

function refuseNeighbour(from, to) {
  const [, mode] = from.split('/');
  const [, other, file] = to.split('/');
  if (file === undefined || mode === other || from === 'runbooks/index.ts') return undefined;
  return `A runbook never imports its neighbour ${other}: what both need belongs into src/core/diagnosis.`;
}

/** The linter's rule: imports go down, and a broken one says which room to use instead. */
export default {
  meta: { name: 'medic' },
  rules: {
    rooms: {
      create(context) {
        const from = relative(ROOT, context.filename).split(sep).join('/');
        const check = ({ source }) => {
          if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
          const to = relative(ROOT, resolve(dirname(context.filename), source.value))
            .split(sep)
            .join('/');
          const why = refuseImport(from, to);
          if (why !== undefined) context.report({ node: source, message: why });
        };
        return {
          ImportDeclaration: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
          ImportExpression: check,
        };
      },
    },
  },
};

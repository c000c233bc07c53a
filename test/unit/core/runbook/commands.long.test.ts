import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  commandsOfPatches,
  commandsOfRunbook,
  type RunbookCommand,
  renderedRunbooks,
} from '../../support/runbook-commands.ts';
import { programsIn } from '../../support/shell-words.ts';

/**
 * Programs on a worker node by the package they come from: Amazon Linux 2023's minimal image, and what
 * awslabs/amazon-eks-ami adds to it (templates/al2023/provisioners/install-worker.sh, July 2026). Neither has tcpdump,
 * perf, bpftrace, sysstat or /usr/bin/time.
 */
const ON_A_NODE = new Set(
  [
    'echo printf read test cd set true exit', // the shell
    'cat cut date head tail sort uniq wc seq sleep timeout readlink ls', // coreutils
    'grep awk sed', // grep, gawk, sed
    'dmesg lsns nsenter', // util-linux
    'ps sysctl slabtop top', // procps-ng
    'ip ss tc nstat', // iproute
    'lsmod rmmod modprobe', // kmod
    'getent', // glibc-common
    'conntrack ethtool nft jq curl', // added for EKS, and curl-minimal
    'iptables iptables-save', // iptables-nft, added for kubelet
  ].flatMap((line) => line.split(' ')),
);

/** Programs of whoever is on call. None of them is on a node, so a block has either these or those. */
const AT_A_DESK = new Set(['kubectl', 'helm', 'aws']);

/** Programs of Bottlerocket's control container. */
const ON_BOTTLEROCKET = new Set(['apiclient']);

/** Programs that are in both places and tell nothing of where a block runs. */
const ANYWHERE = new Set('echo printf grep awk sed sort head tail seq jq curl cut wc uniq sleep'.split(' '));

/** Settings that switch something on or off and have no size: written only where their value was read or is read first. */
const SWITCHES = new Set([
  'net.netfilter.nf_conntrack_tcp_be_liberal',
  'net.netfilter.nf_conntrack_log_invalid',
  'net.ipv4.vs.conn_reuse_mode',
]);

/** Words in capitals that stand for what the reader has to put there. */
const PLACEHOLDER = /(?<![\w"'${.-])[A-Z][A-Z_]{2,}(?![\w=])/g;
const NO_PLACEHOLDER =
  /^(?:DNAT|FAILED|INCOMPLETE|REACHABLE|STALE|ESTABLISHED|MASQUERADE|SNAT|CT|SYN_SENT|TIME_WAIT|CLOSE_WAIT|UNREPLIED|KUBE|TCP|UDP|INVALID|PRESERVE|REPLACE)/;

const runbooks = renderedRunbooks();
const commands = [...runbooks.flatMap((runbook) => commandsOfRunbook(runbook)), ...commandsOfPatches()];
const blocks = distinct(commands.filter(({ isBlock }) => isBlock));

/** Commands with the same words are judged once. */
function distinct(all: readonly RunbookCommand[]): readonly RunbookCommand[] {
  return [...new Map(all.map((one) => [`${one.told}\n${one.text}`, one])).values()];
}

/** What is wrong with commands, a line each, with where. */
function complaints(
  all: readonly RunbookCommand[],
  judge: (command: RunbookCommand) => readonly string[],
): readonly string[] {
  return [...new Set(all.flatMap((command) => judge(command).map((what) => `${command.where}: ${what}`)))];
}

/** Judges every script with one shell for all of them. */
function notParsedBy(shell: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'medic-runbook-'));
  const texts = [...new Set(blocks.map(({ text }) => text))];
  texts.forEach((text, index) => writeFileSync(join(folder, `${index}.sh`), `${text}\n`));
  const loop = `cd "$1" && for file in *.sh; do ${shell} -n "$file" 2>/dev/null || echo "\${file%.sh}"; done`;
  const { stdout } = spawnSync('sh', ['-c', loop, 'sh', folder], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return stdout.split('\n').flatMap((index) => (index === '' ? [] : [texts[Number(index)] ?? '']));
}

describe('every command of every runbook as rendered for every capture', () => {
  it.each(['bash', 'sh'])('parses in %s', (shell) => {
    expect(blocks.length).toBeGreaterThan(40);
    expect(notParsedBy(shell)).toEqual([]);
  });

  it('is made of programs that are there, or says what to do without them', () => {
    expect(
      complaints(blocks, ({ text, told }) =>
        programsIn(text)
          .filter((program) => !ON_A_NODE.has(program) && !AT_A_DESK.has(program))
          .filter((program) => !ON_BOTTLEROCKET.has(program) || !told.includes('control container'))
          .filter((program) => !told.includes(`without \`${program}\``)),
      ),
    ).toEqual([]);
  });

  it('runs in one place, on the node or at a desk', () => {
    expect(
      complaints(blocks, ({ text }) => {
        const programs = programsIn(text).filter((program) => !ANYWHERE.has(program));
        const atADesk = programs.filter((program) => AT_A_DESK.has(program));
        return atADesk.length === 0 || atADesk.length === programs.length ? [] : [programs.join(', ')];
      }),
    ).toEqual([]);
  });

  it('never sets a value below the one that was read, unless it shortens a timeout and says from what', () => {
    expect(
      complaints(commands, ({ section, told, text, read }) =>
        writesIn(text).flatMap(({ key, value }) => {
          const now = read.get(key);
          if (!/^\d+$/.test(value)) return [];
          const to = Number(value);
          if (section === 'Rollback') return now === to ? [] : [`${key}=${value} is not what it was: ${now}`];
          if (now === undefined)
            return SWITCHES.has(key) && isReadFirst(key, text)
              ? []
              : [`${key}=${value}, and what it has is not known`];
          if (to >= now) return [];
          const isExplained = key.includes('_timeout') && told.includes(now.toLocaleString('en-US'));
          return isExplained ? [] : [`${key}=${value}, and it has ${now}`];
        }),
      ),
    ).toEqual([]);
  });

  it('scales, resizes and upgrades nothing to a number or version that was not looked up', () => {
    expect(
      complaints(commands, ({ text }) => [
        ...(/--replicas=\d/.test(text) ? ['a fixed number of replicas'] : []),
        ...(/helm upgrade(?![^\n]*--version)/.test(text) ? ['an upgrade to whatever is newest'] : []),
        ...(/--set \S+=\d/.test(text) ? ['a fixed value in a chart'] : []),
        ...(/\b(?:dnf|yum|apt|apt-get) (?:-\S+ )*(?:install|upgrade|update)/.test(text)
          ? ['an installation']
          : []),
      ]),
    ).toEqual([]);
  });

  it('replaces no list or document of somebody else that nobody has looked at', () => {
    expect(
      complaints(commands, ({ told, text }) => [
        ...(/--type[ =]merge\b.*\[/s.test(text) && !/printed nothing/.test(told)
          ? ['a list takes the place of one that may be there']
          : []),
        ...(/--configuration-values(?! "\$\{)/.test(text)
          ? ['values take the place of those that are there']
          : []),
      ]),
    ).toEqual([]);
  });

  it('names each thing that the reader has to put in, and none that is known', () => {
    expect(
      complaints(blocks, ({ text, told }) =>
        Array.from(text.replaceAll(/'[^']*'|(?<= )-[oe] \S+/g, '').matchAll(PLACEHOLDER), ([word]) => word)
          .filter((word) => !NO_PLACEHOLDER.test(word))
          .flatMap((word) => [
            ...(told.includes(`\`${word}\``) ? [] : [`${word} is not explained`]),
            ...(['NODE', 'PID', 'INTERFACE'].includes(word) ? [`${word} could be filled in`] : []),
          ]),
      ),
    ).toEqual([]);
    expect(
      complaints(blocks, ({ text }) => (/\beth\d/.test(text) && !isInterfaceKnown(text) ? [text] : [])),
    ).toEqual([]);
  });

  /** Only the captures of the tests have an interface of that name. */
  function isInterfaceKnown(text: string): boolean {
    return blocks.some(
      ({ where, text: same }) => same === text && runbooks.some((one) => one.where === where && hasEth0(one)),
    );
  }
  const hasEth0 = ({ capture }: (typeof runbooks)[number]) =>
    capture.sections.some(({ source, text }) => source === 'ethtool' && /\beth0\b/.test(text));
});

/** Kernel settings that a script writes, by their full names. */
function writesIn(text: string): readonly { readonly key: string; readonly value: string }[] {
  return [
    ...Array.from(text.matchAll(/sysctl -w ([\w.]+)=(\S*)/g), ([, key = '', value = '']) => ({ key, value })),
    ...Array.from(
      text.matchAll(/echo (\S+) *>+ *\/sys\/module\/nf_conntrack\/parameters\/hashsize/g),
      ([, value = '']) => ({
        key: 'net.netfilter.nf_conntrack_buckets',
        value,
      }),
    ),
    ...Array.from(text.matchAll(/echo (\S+) *>+ *\/proc\/sys\/(\S+)/g), ([, value = '', path = '']) => ({
      key: path.replaceAll('/', '.'),
      value,
    })),
  ].map(({ key, value }) => ({ key, value: value.replaceAll(/[";]/g, '') }));
}

const isReadFirst = (key: string, text: string): boolean => {
  const read = text.search(new RegExp(`sysctl (?:-n )?(?:[\\w.]+ )*${key.replaceAll('.', '\\.')}(?![\\w=])`));
  return read !== -1 && read < text.indexOf(`sysctl -w ${key}=`);
};

describe('every runbook as rendered for every capture', () => {
  const each = (judge: (runbook: (typeof runbooks)[number]) => readonly string[]) => [
    ...new Set(runbooks.flatMap((runbook) => judge(runbook).map((what) => `${runbook.where}: ${what}`))),
  ];
  const stepsOf = (markdown: string) => /^## What to do now\n([^]*?)(?=^## )/m.exec(markdown)?.[1] ?? '';

  it('prints no heading without content', () => {
    expect(
      each(({ markdown }) =>
        Array.from(markdown.matchAll(/^(##+ .+)\n+(?=## |$(?![^]))/gm), ([, heading = '']) => heading),
      ),
    ).toEqual([]);
  });

  it('leads onto the node before it tells what to do there', () => {
    expect(
      each(({ markdown }) => {
        const steps = stepsOf(markdown);
        const first = /```sh\n(.+)/.exec(steps)?.[1] ?? '';
        return /^aws ssm start-session --target i-[0-9a-f]{17}\b/.test(first) ? [] : [first];
      }),
    ).toEqual([]);
  });

  it('numbers its steps from one on, and names none by its number', () => {
    expect(
      each(({ markdown }) => {
        const numbers = Array.from(stepsOf(markdown).matchAll(/^(\d+)\. /gm), ([, number]) => Number(number));
        return numbers.length > 0 && numbers.every((number, index) => number === index + 1)
          ? []
          : [numbers.join(' ')];
      }),
    ).toEqual([]);
    expect(
      each(({ markdown }) => Array.from(markdown.matchAll(/\b[Ss]teps? \d/g), ([text]) => text)),
    ).toEqual([]);
  });

  it('begins no step with "instead" of one that is not there, and mentions no button that is not on the card', () => {
    const spokenOf = /by hand instead|(?<!no )\bbuttons?\b(?! is offered)|\bon the card\b|Roll back/i;
    expect(
      each(({ markdown, hasPlan }) =>
        hasPlan ? [] : markdown.split(/(?<=[.:])\s|\n/).filter((sentence) => spokenOf.test(sentence)),
      ),
    ).toEqual([]);
  });

  it('leaves no sentence that announces something without what it announces', () => {
    expect(
      each(({ markdown }) =>
        Array.from(markdown.matchAll(/^([^\n]+:)\n\n(?!```|- |\||\d+\. |### )/gm), ([, text = '']) => text),
      ),
    ).toEqual([]);
  });
});

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestImage } from './guest-image.ts';

/** What a script in the guest ended with and wrote, standard error included. */
export interface GuestRun {
  readonly code: number;
  readonly out: string;
}

/** A boot under software emulation on a very busy machine was seen to take four minutes. */
const BOOT_MS = 600_000;
const RUN_MS = 400_000;
const MEMORY_MIB = 768;

/** What makes a boot cheaper here and has no part in what is proven: mitigations, messages, logins, parts of /sys. */
const KERNEL_ARGUMENTS = [
  'loglevel=4',
  'mitigations=off',
  'systemd.show_status=auto',
  'systemd.mask=systemd-logind.service',
  'systemd.mask=dev-hugepages.mount',
  'systemd.mask=sys-kernel-debug.mount',
  'systemd.mask=sys-kernel-tracing.mount',
].join(' ');

interface Waiting {
  readonly pattern: RegExp;
  readonly resolve: (found: RegExpExecArray) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * A machine with a kernel, a systemd and an /etc of its own, driven over a serial line. Its disk lives as long as its
 * qemu does: what is written survives reboots and power cuts and is gone at the end.
 */
export class Guest {
  /** Identity of the present boot. */
  bootId = '';
  private readonly qemu: ChildProcessWithoutNullStreams;
  private readonly folder: string;
  private received = '';
  private complaints = '';
  private waiting: Waiting | undefined;
  private ended: string | undefined;
  private readonly isOver: Promise<void>;

  private constructor(image: GuestImage) {
    this.folder = mkdtempSync(join(tmpdir(), 'conntrack-medic-guest-run-'));
    // setpriv: when this process dies, even by a signal, the kernel ends qemu as well.
    this.qemu = spawn('setpriv', [
      '--pdeathsig',
      'KILL',
      'qemu-system-x86_64',
      ...machine(image, this.console),
    ]);
    this.qemu.stdin.on('error', () => {});
    this.qemu.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.received += text;
      this.match();
    });
    this.qemu.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text;
    });
    this.isOver = new Promise((resolve) => {
      this.qemu.once('close', (code, signal) => {
        this.ended = `qemu has ended (${signal ?? code})`;
        this.fail(this.ended);
        resolve();
      });
    });
  }

  /** @throws Error with the end of the console when the guest does not come up */
  static async boot(image: GuestImage): Promise<Guest> {
    const guest = new Guest(image);
    try {
      await guest.up();
    } catch (error) {
      await guest.close();
      throw error;
    }
    return guest;
  }

  /** Runs a bash script as root. It travels in base64, so that quoting and control characters do not matter. */
  async run(script: string): Promise<GuestRun> {
    const tag = `@@${randomBytes(8).toString('hex')}`;
    const lines =
      Buffer.from(script)
        .toString('base64')
        .match(/.{1,76}/g) ?? [];
    this.qemu.stdin.write(
      `base64 -d >/run/script <<'END'\n${lines.join('\n')}\nEND\nbash /run/script </dev/null 2>&1; echo "${tag} $?"\n`,
    );
    const found = await this.expect(new RegExp(`([\\s\\S]*?)${tag} (\\d+)\\r?\\n`), RUN_MS);
    const [, out = '', code] = found;
    return { code: Number(code), out: out.replaceAll('\r', '') };
  }

  /** Like {@link run}. @throws Error with what was written when it does not end with 0 */
  async succeed(script: string): Promise<string> {
    const { code, out } = await this.run(script);
    if (code !== 0) throw new Error(`The guest's script ended with ${code}: ${out}`);
    return out.trimEnd();
  }

  /** An orderly reboot; what systemd has to start has been started at the end. */
  async reboot(): Promise<void> {
    await this.again('systemctl reboot\n');
  }

  /** A power cut: nothing is synced, nothing is told. */
  async cutPower(): Promise<void> {
    await this.again('echo b >/proc/sysrq-trigger\n');
  }

  /**
   * Runs a script and cuts the power before the first of its commands at which the shell's condition holds.
   * @throws Error when the script ends without it
   */
  async cutPowerWhen(script: string, condition: string): Promise<void> {
    const lines = Buffer.from(script).toString('base64').replaceAll(/.{76}/g, '$&\n');
    await this.succeed(`base64 -d >/run/interrupted <<'END'
${lines}
END
cat >/run/interrupting <<'END'
trap 'if ${condition}; then echo b >/proc/sysrq-trigger; fi' DEBUG
. /run/interrupted
END
sync`);
    const announce = 'echo "@@BOOT $(cat /proc/sys/kernel/random/boot_id)"';
    await this.again(`bash -T /run/interrupting >/dev/null 2>&1; ${announce}\n`);
  }

  async close(): Promise<void> {
    if (this.ended === undefined) this.qemu.kill('SIGKILL');
    await this.isOver;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get console(): string {
    return join(this.folder, 'console.log');
  }

  private async again(line: string): Promise<void> {
    const before = this.bootId;
    this.received = '';
    this.qemu.stdin.write(line);
    await this.up();
    if (this.bootId === before) throw this.error('The guest was not booted again');
  }

  private async up(): Promise<void> {
    const [, bootId = ''] = await this.expect(/@@BOOT ([0-9a-f-]{36})\r?\n/, BOOT_MS);
    this.bootId = bootId;
    await this.run('systemctl is-system-running --wait');
  }

  private expect(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) {
        reject(this.error(this.ended));
        return;
      }
      const timer = setTimeout(
        () => this.fail(`The guest did not answer within ${timeoutMs / 1000} s`),
        timeoutMs,
      );
      this.waiting = { pattern, resolve, reject, timer };
      this.match();
    });
  }

  private match(): void {
    const { waiting } = this;
    const found = waiting?.pattern.exec(this.received);
    if (waiting === undefined || found === null || found === undefined) return;
    clearTimeout(waiting.timer);
    this.waiting = undefined;
    this.received = this.received.slice(found.index + found[0].length);
    waiting.resolve(found);
  }

  private fail(why: string): void {
    const { waiting } = this;
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.waiting = undefined;
    waiting.reject(this.error(why));
  }

  private error(why: string): Error {
    const console = existsSync(this.console) ? readFileSync(this.console, 'utf8').slice(-2000) : '';
    return new Error(`${why}.\n${this.complaints}\n${this.received.slice(-500)}\n${console}`);
  }
}

function machine({ kernel, disk }: GuestImage, console: string): string[] {
  // The guest's clock counts its instructions: limits in time are then those of a real machine, however busy this one is.
  // Software emulation runs everywhere. With its usual translation cache, reboots became slower by minutes.
  const computer = `-no-user-config -nodefaults -display none -machine q35 -smp 1 -m ${MEMORY_MIB} -accel tcg,tb-size=128 -icount shift=1 -cpu max`;
  // Debian's cloud kernel has NVMe, ext4 and the serial line built in, so there is no initrd.
  const boot = ['-kernel', kernel, '-append', `root=/dev/nvme0n1 rw console=ttyS0 ${KERNEL_ARGUMENTS}`];
  const drive = `file=${disk},format=raw,if=none,id=root,snapshot=on`;
  const lines = ['-serial', `file:${console}`, '-serial', 'stdio'];
  return [
    ...computer.split(' '),
    ...boot,
    '-drive',
    drive,
    '-device',
    'nvme,drive=root,serial=root',
    ...lines,
  ];
}

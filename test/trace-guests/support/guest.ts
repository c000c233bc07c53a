import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestImage } from './guest-images.ts';

/** Emulation on a very busy machine was seen to take minutes for what takes seconds otherwise. */
const LONGEST_MS = 400_000;
const MEMORY_MIB = 768;

/** A machine with a kernel of its own, driven over a serial line by a shell that is its first process's child. */
export class Guest {
  readonly #qemu: ChildProcessWithoutNullStreams;
  readonly #folder: string;
  readonly #isOver: Promise<void>;
  #received = '';
  #complaints = '';
  #ended: string | undefined;
  #look: () => void = () => {};

  private constructor(image: GuestImage) {
    this.#folder = mkdtempSync(join(tmpdir(), 'conntrack-medic-guest-run-'));
    // setpriv: when this process dies, even by a signal, the kernel ends qemu as well.
    const parameters = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...machine(image, this.#console)];
    this.#qemu = spawn('setpriv', parameters);
    this.#qemu.stdin.on('error', () => {});
    this.#qemu.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#received += text;
      this.#look();
    });
    this.#qemu.stderr.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
    this.#isOver = new Promise((resolve) => {
      this.#qemu.once('close', (code, signal) => {
        this.#ended = `qemu has ended (${signal ?? code})`;
        this.#look();
        resolve();
      });
    });
  }

  /** @throws Error with the end of the console when the guest does not come up */
  static async boot(image: GuestImage): Promise<Guest> {
    const guest = new Guest(image);
    try {
      await guest.#expect(/@@BOOT\r?\n/);
    } catch (error) {
      await guest.close();
      throw error;
    }
    return guest;
  }

  /**
   * Runs a bash script as root. It travels in base64, so that quoting and control characters do not matter.
   *
   * @returns what it wrote, standard error included
   * @throws Error with that when it does not end with 0
   */
  async run(script: string): Promise<string> {
    const tag = `@@${randomBytes(8).toString('hex')}`;
    const lines = Buffer.from(script).toString('base64').replaceAll(/.{76}/g, '$&\n');
    this.#qemu.stdin.write(
      `base64 -d >/run/script <<'END'\n${lines}\nEND\nbash /run/script </dev/null 2>&1; echo "${tag} $?"\n`,
    );
    const [, out = '', code] = await this.#expect(new RegExp(`([\\s\\S]*?)${tag} (\\d+)\\r?\\n`));
    if (code !== '0') throw new Error(`The guest's script ended with ${code}: ${out}`);
    return out.replaceAll('\r', '').trimEnd();
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) this.#qemu.kill('SIGKILL');
    await this.#isOver;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #console(): string {
    return join(this.#folder, 'console.log');
  }

  #expect(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const end = (outcome: () => void) => {
        clearTimeout(timer);
        this.#look = () => {};
        outcome();
      };
      const fail = (why: string) => end(() => reject(this.#error(why)));
      const timer = setTimeout(
        () => fail(`The guest did not answer within ${LONGEST_MS / 1000} s`),
        LONGEST_MS,
      );
      this.#look = () => {
        const found = pattern.exec(this.#received);
        if (found !== null) {
          this.#received = this.#received.slice(found.index + found[0].length);
          end(() => resolve(found));
        } else if (this.#ended !== undefined) fail(this.#ended);
      };
      this.#look();
    });
  }

  #error(why: string): Error {
    const console = existsSync(this.#console) ? readFileSync(this.#console, 'utf8').slice(-3000) : '';
    return new Error(`${why}.\n${this.#complaints}\n${this.#received.slice(-500)}\n${console}`);
  }
}

function machine({ kernel, disk }: GuestImage, console: string): string[] {
  // The guest's clock counts its instructions: limits in time and in CPU are then those of
  // a real machine of 1,000 million instructions a second, however busy this one is.
  // Without cx16: the emulation of qemu 7.2 spoils the flags of cmpxchg16b once in a while, and the kernel panics.
  const computer = `-no-user-config -nodefaults -display none -no-reboot -machine q35 -smp 1 -m ${MEMORY_MIB} -accel tcg,tb-size=128 -icount shift=0 -cpu max,-cx16`;
  // A panic ends it at once. Debian's cloud kernel has NVMe, ext4 and the serial line built in, so there is no initrd.
  const boot = 'root=/dev/nvme0n1 rw console=ttyS0 loglevel=4 mitigations=off panic=-1';
  const drive = `file=${disk},format=raw,if=none,id=root,snapshot=on`;
  const devices = ['-drive', drive, '-device', 'nvme,drive=root,serial=root'];
  const lines = ['-serial', `file:${console}`, '-serial', 'stdio'];
  return [...computer.split(' '), '-kernel', kernel, '-append', boot, ...devices, ...lines];
}

/**
 * Prints the CPU time, user and system, of a piece of work at growing sizes, and by how much each takes longer than the
 * one before it: sizes that double and a ratio near 2 are linear growth, near 4 quadratic.
 * @param prepare makes the input of a size; what it returns is done once to warm up and once for the time
 */
export async function measure(
  what: string,
  sizes: readonly number[],
  prepare: (size: number) => () => unknown,
): Promise<void> {
  let before: number | undefined;
  for (const size of sizes) {
    const work = prepare(size);
    await work();
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    const ratio = before === undefined ? '' : `, ${(ms / before).toFixed(1)} times the one before`;
    console.log(`${what}: ${size} take ${ms.toFixed(1)} ms${ratio}`);
    before = ms;
  }
}

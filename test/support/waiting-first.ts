import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Projects of one group, by how much of their time their files wait. Without it they come by their names. */
const BY_WAITING = ['nodes', 'e2e', 'long'];

/**
 * Has the files that wait longest begin first, and those that are short and compute come last: so that the processors are not
 * idle at the end, while the last file waits.
 */
export class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const place = ({ project }: TestSpecification) => BY_WAITING.indexOf(project.name);
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => group(one) - group(other) || place(one) - place(other));
  }
}

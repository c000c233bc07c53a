import { type LocalDocument, parseDocument } from './documents.ts';
import { SsmError } from './ssm-error.ts';

/** One version of a document: versions are never changed, only added and deleted. */
export interface RegisteredVersion {
  readonly document: LocalDocument;
  /** As the service counts them, from 1. */
  readonly version: string;
  readonly versionName: string | undefined;
}

/** All versions of one document, the oldest first. */
interface Registered {
  readonly versions: RegisteredVersion[];
  /** How many there ever were: a number is never given twice. */
  made: number;
  /** Which one is meant where none is named. It moves only when it is told to. */
  defaultVersion: string;
}

/**
 * The documents of an account as Systems Manager keeps them. An update adds a version and leaves the default where it was; a
 * text or a name of a version that is there already is refused.
 */
export class DocumentRegistry {
  private readonly all = new Map<string, Registered>();

  /** @param documents the first version of each, which is its default */
  constructor(documents: ReadonlyMap<string, LocalDocument>) {
    for (const [name, document] of documents) {
      const first = { document, version: '1', versionName: undefined };
      this.all.set(name, { versions: [first], made: 1, defaultVersion: '1' });
    }
  }

  /**
   * @param version a number, `$DEFAULT` or `$LATEST`
   * @throws SsmError `InvalidDocument` or `InvalidDocumentVersion`
   */
  find(name: string, version = '$DEFAULT'): RegisteredVersion {
    const { versions, defaultVersion } = this.registered(name);
    const found =
      version === '$LATEST'
        ? versions.at(-1)
        : versions.find((one) => one.version === (version === '$DEFAULT' ? defaultVersion : version));
    if (found === undefined)
      throw new SsmError('InvalidDocumentVersion', `Document version ${version} of ${name} does not exist.`);
    return found;
  }

  /** @throws SsmError `InvalidDocument` or `InvalidDocumentVersion` */
  findNamed(name: string, versionName: string): RegisteredVersion {
    const found = this.registered(name).versions.find((one) => one.versionName === versionName);
    if (found === undefined)
      throw new SsmError('InvalidDocumentVersion', `${name} has no version named ${versionName}.`);
    return found;
  }

  /** @throws SsmError `InvalidDocument` */
  versionsOf(name: string): readonly RegisteredVersion[] {
    return this.registered(name).versions;
  }

  /** @throws SsmError `InvalidDocument` */
  defaultOf(name: string): string {
    return this.registered(name).defaultVersion;
  }

  /**
   * Adds a version; the default stays where it is.
   * @throws SsmError `DuplicateDocumentContent`, `DuplicateDocumentVersionName`, `InvalidDocument`, `InvalidDocumentContent` or `InvalidDocumentVersion`
   */
  update(name: string, content: string, of: string, versionName: string | undefined): RegisteredVersion {
    const registered = this.registered(name);
    const { versions } = registered;
    if (of !== '$LATEST' && of !== versions.at(-1)?.version)
      throw new SsmError('InvalidDocumentVersion', 'Only the latest version of a document can be updated.');
    if (versionName !== undefined && versions.some((one) => one.versionName === versionName))
      throw new SsmError('DuplicateDocumentVersionName', `${name} has a version named ${versionName}.`);
    const document = parsed(name, content);
    if (versions.some((one) => one.document.sha256 === document.sha256))
      throw new SsmError('DuplicateDocumentContent', `${name} has a version with this content already.`);
    registered.made += 1;
    const added = { document, version: String(registered.made), versionName };
    versions.push(added);
    return added;
  }

  /** @throws SsmError `InvalidDocument` or `InvalidDocumentVersion` */
  setDefault(name: string, version: string): void {
    this.registered(name).defaultVersion = this.find(name, version).version;
  }

  /**
   * Deletes one version, or without one the document.
   * @throws SsmError `InvalidDocument`, `InvalidDocumentVersion` or `InvalidDocumentOperation`
   */
  delete(name: string, version?: string): void {
    const registered = this.registered(name);
    if (version === undefined) {
      this.all.delete(name);
      return;
    }
    const found = this.find(name, version);
    if (found.version === registered.defaultVersion)
      throw new SsmError('InvalidDocumentOperation', 'The default version of a document cannot be deleted.');
    registered.versions.splice(registered.versions.indexOf(found), 1);
  }

  private registered(name: string): Registered {
    const found = this.all.get(name);
    if (found === undefined)
      throw new SsmError('InvalidDocument', `Document with name ${name} does not exist.`);
    return found;
  }
}

function parsed(name: string, content: string): LocalDocument {
  try {
    return parseDocument(name, content);
  } catch (error) {
    throw new SsmError('InvalidDocumentContent', error instanceof Error ? error.message : String(error));
  }
}

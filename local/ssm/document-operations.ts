import { page, parse } from './reading.ts';
import type { DocumentRegistry, RegisteredVersion } from './registry.ts';
import {
  DeleteDocumentRequest,
  DescribeDocumentRequest,
  ListDocumentVersionsRequest,
  UpdateDocumentDefaultVersionRequest,
  UpdateDocumentRequest,
} from './requests.ts';

/** The operations on documents, by their names in the API; each throws what the registry throws. */
export function documentOperations(
  registry: DocumentRegistry,
): Readonly<Record<string, (body: unknown) => object>> {
  return {
    DescribeDocument(body) {
      const { Name, DocumentVersion, VersionName } = parse(DescribeDocumentRequest, body);
      const found =
        VersionName === undefined
          ? registry.find(Name, DocumentVersion)
          : registry.findNamed(Name, VersionName);
      return { Document: describedShape(registry, found) };
    },
    ListDocumentVersions(body) {
      const wanted = parse(ListDocumentVersionsRequest, body);
      const { items, next } = page(registry.versionsOf(wanted.Name).toReversed(), wanted);
      const isDefault = registry.defaultOf(wanted.Name);
      return {
        // No hash is among it, as in the service.
        DocumentVersions: items.map(({ document, version, versionName }) => ({
          Name: document.name,
          DocumentVersion: version,
          VersionName: versionName,
          IsDefaultVersion: version === isDefault,
          DocumentFormat: 'JSON',
          Status: 'Active',
        })),
        ...next,
      };
    },
    UpdateDocument(body) {
      const { Name, Content, DocumentVersion, VersionName } = parse(UpdateDocumentRequest, body);
      const added = registry.update(Name, Content, DocumentVersion, VersionName);
      return { DocumentDescription: { ...describedShape(registry, added), Status: 'Updating' } };
    },
    UpdateDocumentDefaultVersion(body) {
      const { Name, DocumentVersion } = parse(UpdateDocumentDefaultVersionRequest, body);
      registry.setDefault(Name, DocumentVersion);
      return { Description: { Name, DefaultVersion: DocumentVersion } };
    },
    DeleteDocument(body) {
      const { Name, DocumentVersion } = parse(DeleteDocumentRequest, body);
      registry.delete(Name, DocumentVersion);
      return {};
    },
  };
}

function describedShape(registry: DocumentRegistry, { document, version, versionName }: RegisteredVersion) {
  return {
    Name: document.name,
    Hash: document.sha256,
    HashType: 'Sha256',
    DocumentVersion: version,
    VersionName: versionName,
    DefaultVersion: registry.defaultOf(document.name),
    LatestVersion: registry.find(document.name, '$LATEST').version,
    Status: 'Active',
    DocumentType: 'Command',
    DocumentFormat: 'JSON',
    SchemaVersion: '2.2',
  };
}

import * as z from 'zod';

const CommandId = z.string().length(36);
const InstanceId = z.string().regex(/^(i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/);
const Page = { MaxResults: z.number().int().min(1).max(50).default(50), NextToken: z.string().optional() };

const MaxConcurrency = z.string().regex(/^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$/);
const MaxErrors = z.string().regex(/^([1-9][0-9]*|0|[1-9][0-9]%|[0-9]%|100%)$/);

const DocumentVersion = z.string().regex(/^(\$LATEST|\$DEFAULT|[1-9][0-9]*)$/);
/** Instances by one of their tags, or by a key that they carry; several are a conjunction. */
const Target = z.object({
  Key: z.string().regex(/^(tag:.{1,128}|tag-key)$/),
  Values: z.array(z.string()).min(1).max(50),
});

const VersionName = z.string().regex(/^[a-zA-Z0-9_\-.]{1,128}$/);

/** SendCommand, with the bounds that the service's API reference gives. */
export const SendCommandRequest = z
  .object({
    DocumentName: z.string(),
    DocumentVersion: DocumentVersion.default('$DEFAULT'),
    DocumentHash: z.string().max(256).optional(),
    DocumentHashType: z.enum(['Sha256', 'Sha1']).optional(),
    InstanceIds: z.array(InstanceId).max(50).default([]),
    Targets: z.array(Target).max(5).default([]),
    Parameters: z.record(z.string(), z.array(z.string())).default({}),
    Comment: z.string().max(100).default(''),
    TimeoutSeconds: z.number().int().min(30).max(2_592_000).default(3600),
    MaxConcurrency: MaxConcurrency.default('50'),
    MaxErrors: MaxErrors.default('0'),
  })
  .refine(({ InstanceIds, Targets }) => InstanceIds.length > 0 !== Targets.length > 0, {
    message: 'must hold InstanceIds or Targets, and not both',
  });
export type SendCommandRequest = z.infer<typeof SendCommandRequest>;

/** ListCommandInvocations. */
export const ListCommandInvocationsRequest = z.object({
  CommandId: CommandId.optional(),
  InstanceId: InstanceId.optional(),
  Details: z.boolean().default(false),
  ...Page,
});
export type ListCommandInvocationsRequest = z.infer<typeof ListCommandInvocationsRequest>;

/** ListCommands, as far as this product uses it. */
export const ListCommandsRequest = z.object({ CommandId: CommandId.optional(), ...Page });

/** GetCommandInvocation. */
export const GetCommandInvocationRequest = z.object({
  CommandId,
  InstanceId,
  PluginName: z.string().optional(),
});
export type GetCommandInvocationRequest = z.infer<typeof GetCommandInvocationRequest>;

/** CancelCommand. */
export const CancelCommandRequest = z.object({ CommandId, InstanceIds: z.array(InstanceId).default([]) });
export type CancelCommandRequest = z.infer<typeof CancelCommandRequest>;

/** DescribeInstanceInformation; the service takes 5 to 50 results a page. */
export const DescribeInstanceInformationRequest = z.object({
  Filters: z
    .array(z.object({ Key: z.string().min(1), Values: z.array(z.string()).min(1).max(100) }))
    .default([]),
  MaxResults: z.number().int().min(5).max(50).default(50),
  NextToken: z.string().optional(),
});
export type DescribeInstanceInformationRequest = z.infer<typeof DescribeInstanceInformationRequest>;

const Name = z.string().min(3);

/** DescribeDocument. */
export const DescribeDocumentRequest = z.object({
  Name,
  DocumentVersion: DocumentVersion.optional(),
  VersionName: VersionName.optional(),
});

/** ListDocumentVersions. */
export const ListDocumentVersionsRequest = z.object({ Name, ...Page });

/** UpdateDocument, as CloudFormation calls it. */
export const UpdateDocumentRequest = z.object({
  Name,
  Content: z.string().min(1),
  DocumentVersion: DocumentVersion.default('$LATEST'),
  VersionName: VersionName.optional(),
});

/** UpdateDocumentDefaultVersion. */
export const UpdateDocumentDefaultVersionRequest = z.object({
  Name,
  DocumentVersion: z.string().regex(/^[1-9][0-9]*$/),
});

/** DeleteDocument. */
export const DeleteDocumentRequest = z.object({ Name, DocumentVersion: DocumentVersion.optional() });

/** CreateAssociation, as far as this product uses it; the shortest rate is 30 minutes. */
export const CreateAssociationRequest = z.object({
  Name: z.string(),
  DocumentVersion: DocumentVersion.default('$DEFAULT'),
  AssociationName: z.string().regex(/^[a-zA-Z0-9_\-.]{3,128}$/),
  Targets: z.array(Target).min(1).max(5),
  /** Read as minutes. */
  ScheduleExpression: z
    .string()
    .regex(/^rate\(\d{1,4} minutes\)$/)
    .transform((text) => Number(/\d+/.exec(text)?.[0]))
    .pipe(z.number().min(30)),
  MaxConcurrency,
  MaxErrors,
  Parameters: z.record(z.string(), z.array(z.string())).default({}),
  Tags: z
    .array(z.object({ Key: z.string().min(1).max(128), Value: z.string().min(1).max(256) }))
    .max(1000)
    .default([]),
});
export type CreateAssociationRequest = z.infer<typeof CreateAssociationRequest>;

/** ListAssociations. */
export const ListAssociationsRequest = z.object({
  AssociationFilterList: z
    .array(z.object({ key: z.enum(['AssociationName', 'AssociationId']), value: z.string().min(1) }))
    .default([]),
});
export type ListAssociationsRequest = z.infer<typeof ListAssociationsRequest>;

/** DeleteAssociation. */
export const DeleteAssociationRequest = z.object({ AssociationId: z.string().length(36) });

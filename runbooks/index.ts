import { signatureFolders } from '../src/adapters/signature-folders.ts';
import { catalogueOf } from '../src/core/diagnosis/catalogue.ts';
import type { Catalogue } from '../src/core/diagnosis/signature.ts';

/** Every failure mode in its order: the folders beside this file, ordered by what each says of its position. */
export const catalogue: Catalogue = catalogueOf(signatureFolders);

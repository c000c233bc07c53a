/** Folder of the pages in the evidence store: rights to it are rights to nothing else there. */
export const PAGES_FOLDER = 'pages';

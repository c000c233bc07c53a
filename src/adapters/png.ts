import { existsSync, readFileSync } from 'node:fs';

/** What the drawing of text and shapes needs beside its code: beside a bundle under these names, in a package otherwise. */
export const PICTURE_ASSETS = {
  'picture.wasm': '@resvg/resvg-wasm/index_bg.wasm',
  'picture.woff2': '@fontsource/inter/files/inter-latin-400-normal.woff2',
  'picture-bold.woff2': '@fontsource/inter/files/inter-latin-700-normal.woff2',
} as const;

/** Pixels for each unit of the drawing, so that it is sharp on the screens of telephones. */
const SCALE = 2;

let ready: Promise<typeof import('@resvg/resvg-wasm')> | undefined;

/**
 * Draws an SVG document as a PNG image. What that takes is read at the first picture and kept: some 50 ms and 2.5 MB that no
 * function pays which draws none.
 *
 * @param svg a document of our own, whose text names no font but `sans-serif`
 */
export async function pngOf(svg: string): Promise<Uint8Array> {
  ready ??= opened();
  const { Resvg } = await ready;
  const drawing = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: SCALE },
    font: {
      loadSystemFonts: false,
      fontBuffers: [asset('picture.woff2'), asset('picture-bold.woff2')],
      defaultFontFamily: 'Inter',
      sansSerifFamily: 'Inter',
    },
  });
  try {
    return drawing.render().asPng();
  } finally {
    drawing.free();
  }
}

async function opened(): Promise<typeof import('@resvg/resvg-wasm')> {
  const resvg = await import('@resvg/resvg-wasm');
  await resvg.initWasm(asset('picture.wasm'));
  return resvg;
}

function asset(name: keyof typeof PICTURE_ASSETS): Uint8Array {
  const beside = new URL(`./${name}`, import.meta.url);
  return readFileSync(
    existsSync(beside) ? beside : new URL(`../../node_modules/${PICTURE_ASSETS[name]}`, import.meta.url),
  );
}

// Takes the place of packages that no function uses (LEFT_OUT in build/lambda-bundles.ts); using one is a mistake that shows.
module.exports = new Proxy(
  {},
  {
    get(_, name) {
      if (typeof name === 'symbol' || name === '__esModule' || name === 'default') return undefined;
      throw new Error(`"${name}" belongs to a package that is left out of the bundle (build/left-out.cjs).`);
    },
  },
);

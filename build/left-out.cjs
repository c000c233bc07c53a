// Takes the place of packages that Bolt's unused receivers would bring along; using one is a mistake that shows.
module.exports = new Proxy(
  {},
  {
    get(_, name) {
      if (typeof name === 'symbol' || name === '__esModule' || name === 'default') return undefined;
      throw new Error(`"${name}" belongs to a package that is left out of the bundle (build/left-out.cjs).`);
    },
  },
);

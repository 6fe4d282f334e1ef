// Bundles the page. Usage: node build.mjs WORKSPACE (the folder with node_modules; what is made goes to its folder `page`)

import { cpSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = resolve(process.argv[2]);
const here = dirname(fileURLToPath(import.meta.url));
const packages = join(workspace, 'node_modules');
const page = join(workspace, 'page');
// Ours lie elsewhere than the packages.
const { build } = createRequire(join(workspace, 'package.json'))('esbuild');

// Scenes ask for version 6 of the router, the other libraries for version 5, which has 6 in a package of its own.
const router = {
  name: 'router',
  setup({ onResolve, resolve: found }) {
    onResolve({ filter: /^react-router-dom$/ }, ({ importer, kind, pluginData }) =>
      importer.includes(`${join('@grafana', 'scenes')}`) && pluginData !== router
        ? found('react-router-dom-v5-compat', { resolveDir: packages, kind, pluginData: router })
        : undefined
    );
    // Its default export is lost between the two module systems.
    onResolve({ filter: /^react-custom-scrollbars-2$/ }, ({ kind, pluginData }) =>
      pluginData === router
        ? undefined
        : { path: join(here, 'source', 'scrollbars.js'), sideEffects: false }
    );
  },
};

// Grafana builds with a fork of this package for React 18, which no registry has; the package itself is for React 19, where
// a context is its own provider.
const grid = {
  name: 'grid',
  setup({ onLoad }) {
    onLoad({ filter: /react-data-grid[/\\]lib[/\\]index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/\b(jsxs?\(\w+Context),/g, '$1.Provider,'),
    }));
  },
};

rmSync(page, { recursive: true, force: true });
await build({
  entryPoints: [join(here, 'source', 'main.jsx')],
  outfile: join(page, 'bundle', 'main.js'),
  bundle: true,
  nodePaths: [packages],
  format: 'iife',
  jsx: 'automatic',
  target: 'chrome120',
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  loader: { '.svg': 'dataurl', '.png': 'dataurl', '.woff2': 'dataurl', '.woff': 'dataurl', '.ttf': 'dataurl' },
  plugins: [router, grid],
  minify: true,
  logLevel: 'warning',
});
cpSync(join(here, 'index.html'), join(page, 'index.html'));
// Where Grafana's libraries look for them. Its font is in no package of its own, and how wide a title is depends on it.
cpSync(join(packages, '@grafana', 'ui', 'dist', 'public'), join(page, 'public', 'build'), { recursive: true });
for (const [name, weight] of Object.entries({ Regular: 400, Medium: 500 })) {
  const font = join(packages, '@fontsource', 'inter', 'files', `inter-latin-${weight}-normal.woff2`);
  cpSync(font, join(page, 'public', 'fonts', 'inter', `Inter-${name}.woff2`));
}

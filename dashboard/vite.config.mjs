// Builds the site as plain scripts: a page that is opened from disk may load no modules.
import {defineConfig} from 'vite';

// One classic script, in order behind the data's index; no module, no crossorigin.
const classicScript = {
  name: 'classic-script',
  enforce: 'post',
  transformIndexHtml: (html) =>
    html
      .replace(/<script type="module"( crossorigin)?/g, '<script defer')
      .replace(/<link rel="stylesheet" crossorigin/g, '<link rel="stylesheet"'),
};

export default defineConfig({
  base: './',
  plugins: [classicScript],
  build: {
    target: 'es2021',
    outDir: 'dist',
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      output: {
        format: 'iife',
        inlineDynamicImports: true,
        entryFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
});

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  base: '/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // light-dark() must survive: the theme switch is one color-scheme declaration.
    cssTarget: ['chrome123', 'safari17.5', 'firefox120'],
    // The dashboard's Content-Security-Policy allows no inline script and no data: font.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  // `vite dev web` beside a running `npm start`.
  server: { proxy: { '/api': 'http://127.0.0.1:7070' } },
})

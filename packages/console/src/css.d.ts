/** Styles of a page, which Vite turns into a file that is loaded with it. */
declare module '*.css'

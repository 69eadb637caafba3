import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { language } from './texts.ts'

document.documentElement.lang = language
const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App />)
